//! Every public future and stream may be awaited in a spawned task, also with arguments that borrow: the compiler checks
//! each of them here, and the test that none is missing.

use crate::sources::sources;
use futures_util::{StreamExt, TryStreamExt};
use serde_json::Value;
use serde_json::value::RawValue;
use statuswire::blazeauth::{self, Credentials, NewAccount, Store};
use statuswire::download::{self, Source};
use statuswire::drupal::{self, Fields, Identifier, Query, Relationship, Resources, Upload};
use statuswire::http;
use statuswire::nemesis::sessions::{self, Session};
use statuswire::nemesis::{self, IntArray, Kv, List, ObjectArray, SortedInts, fusion};
use statuswire::reexport::uuid::Uuid;
use statuswire::rpc::{self, CallOptions, Events, Opening, ReplyStream, StreamOptions};
use statuswire::ws::{self, Upgrade};
use statuswire_sandbox::{
    self as sandbox, BlazeAuth, Drupal, Nemesis, NemesisFusion, NemesisSessions, Record, Server, Service,
};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use tokio::fs::File;

/// What `tokio::spawn` and the handlers of web servers demand.
fn spawn(_: impl Future<Output: Send> + Send + 'static) {}

/// A value for code that is compiled and never run.
fn value<T>() -> T {
    unreachable!("this code is only compiled")
}

const LIMIT: Duration = Duration::ZERO;

type Rows = Vec<(String, i64)>;
type Objects = Vec<(String, Value)>;

macro_rules! spawned {
    ($($file:literal { $($name:ident: |$($argument:ident: $type:ty),*| $future:expr;)* })*) => {
        const SPAWNED: &[(&str, &str)] = &[$($(($file, stringify!($name))),*),*];

        #[allow(dead_code, reason = "it is only compiled")]
        fn spawn_all<P: Upgrade, H: http::Service, D: Source + 'static, S: Service, W: sandbox::http::Service>() {
            $($(spawn(async move {
                $(#[allow(unused_mut, reason = "some need it")] let mut $argument: $type = value();)*
                let _ = $future.await;
            });)*)*
        }
    };
}

spawned! {
    "core/src/rpc/client.rs" {
        call: |client: rpc::Client<P>, command: P::Command| client.call(command);
        call_with: |client: rpc::Client<P>, command: P::Command, rows: Rows|
            client.call_with(command, &CallOptions::default(), |_| Ok(rows.len()));
        call_many: |client: rpc::Client<P>, command: P::Command| client.call_many(&command, &StreamOptions::default());
        send_one_way: |client: rpc::Client<P>, command: P::Command| client.send_one_way(&command);
        fence: |client: rpc::Client<P>| client.fence();
        shutdown: |client: rpc::Client<P>| client.shutdown(LIMIT);
    }
    "core/src/rpc/events.rs" {
        next: |events: Events<P::Event>| events.next();
        into_stream: |events: Events<P::Event>| events.into_stream().collect::<Vec<_>>();
    }
    "core/src/rpc/protocol.rs" {
        call: |opening: Opening<'static, P>, command: P::Command| opening.call(&command);
        receive: |opening: Opening<'static, P>| opening.receive();
    }
    "core/src/rpc/stream.rs" {
        ReplyStream: |replies: ReplyStream<P>| replies.next();
    }
    "core/src/ws/builder.rs" {
        connect: |builder: ws::Builder<P>| builder.connect();
    }
    "core/src/http/client.rs" {
        send: |client: http::Client<H>, request: http::Request| client.send(request);
        json: |client: http::Client<H>, request: http::Request| client.json::<Value>(request);
        open: |client: http::Client<H>, request: http::Request| client.open(request);
    }
    "core/src/http/sender.rs" {
        send: |sender: http::Sender<'static>, request: http::Request| sender.send(request);
    }
    "core/src/http/stream.rs" {
        chunk: |stream: http::ResponseStream| stream.chunk();
        ResponseStream: |stream: http::ResponseStream| stream.try_collect::<Vec<_>>();
    }
    "core/src/http/links/client.rs" {
        download: |client: http::LinkClient, link: String| client.download(link.as_str(), 0..1);
    }
    "core/src/http/links/download.rs" {
        chunk: |download: http::Download| download.chunk();
    }
    "core/src/download/prepared.rs" {
        resume_behind: |download: download::Download, file: File| download.resume_behind(&mut file);
        write_to: |download: download::Download, source: D, file: File| download.write_to(source, &mut file);
        save_in: |download: download::Download, source: D, dir: PathBuf| download.save_in(source, &dir);
        save_as: |download: download::Download, source: D, dir: PathBuf, name: String|
            download.save_as(source, &dir, &name);
    }
    "src/nemesis/batch.rs" {
        Batch: |db: nemesis::Client, kv: Kv, rows: Rows|
            db.batch(rows.iter().map(|(key, value)| kv.set(key, value))).try_collect::<Vec<_>>();
        Batch: |db: nemesis::Client, kv: Kv, rows: Rows|
            db.batch(rows.iter().filter(|row| row.1 > 0).map(|(key, _)| async { kv.get::<i64>(key).await })).next();
        Batch: |db: nemesis::Client, scores: SortedInts, rows: Rows|
            db.batch(rows.iter().map(|(_, score)| scores.add(score))).enumerate().collect::<Vec<_>>();
        Batch: |db: nemesis::Client, list: List<Value>, rows: Objects|
            db.batch(rows.iter().map(|(_, item)| list.push(item))).try_for_each(|_| async { Ok(()) });
        Batch: |db: nemesis::Client, kv: Kv, rows: Rows|
            db.batch(rows.chunks(9).map(|rows| kv.set_many(rows.iter().map(|(key, value)| (key, value))))).count();
        Batch: |db: nemesis::Client, kv: Kv, rows: Rows|
            db.batch(rows.chunks(9).map(|rows| kv.get_many::<i64>(rows.iter().map(|(key, _)| key)))).count();
    }
    "src/nemesis/client.rs" {
        connect: |url: String| nemesis::Client::connect(&url);
        connect: |builder: nemesis::Builder| builder.connect();
        server_info: |db: nemesis::Client| db.server_info();
        shutdown: |db: nemesis::Client| db.shutdown(LIMIT);
    }
    "src/nemesis/kv.rs" {
        set: |kv: Kv, rows: Rows| kv.set(&rows[0].0, &rows[0].1);
        set_raw: |kv: Kv, raw: Box<RawValue>| kv.set_raw("key", &raw);
        set_many: |kv: Kv, rows: Rows| kv.set_many(rows.iter().map(|(key, value)| (key, value)));
        add: |kv: Kv, rows: Rows| kv.add(&rows[0].0, &rows[0].1);
        add_many: |kv: Kv, rows: Rows| kv.add_many(rows.iter().map(|(key, value)| (key, value)));
        get: |kv: Kv, rows: Rows| kv.get::<i64>(&rows[0].0);
        get_raw: |kv: Kv, rows: Rows| kv.get_raw(&rows[0].0);
        get_many: |kv: Kv, rows: Rows| kv.get_many::<i64>(rows.iter().map(|(key, _)| key));
        remove: |kv: Kv, rows: Rows| kv.remove(&rows[0].0);
        remove_many: |kv: Kv, rows: Rows| kv.remove_many(rows.iter().map(|(key, _)| key));
        contains: |kv: Kv, rows: Rows| kv.contains(&rows[0].0);
        contains_many: |kv: Kv, rows: Rows| kv.contains_many(rows.iter().map(|(key, _)| key));
        keys: |kv: Kv| kv.keys();
        count: |kv: Kv| kv.count();
        clear: |kv: Kv| kv.clear();
        clear_set: |kv: Kv, rows: Rows| kv.clear_set(rows.iter().map(|(key, value)| (key, value)));
    }
    "src/nemesis/array/mod.rs" {
        delete_all_arrays: |db: nemesis::Client| db.delete_all_arrays::<nemesis::Integers>();
        create: |array: IntArray| array.create(1);
        delete: |array: IntArray| array.delete();
        exists: |array: IntArray| array.exists();
        capacity: |array: IntArray| array.capacity();
        used: |array: IntArray| array.used();
        get: |array: ObjectArray<Value>| array.get(1);
        get_range: |array: ObjectArray<Value>| array.get_range(1..);
        clear_range: |array: IntArray| array.clear_range(..);
    }
    "src/nemesis/array/unsorted.rs" {
        append: |array: ObjectArray<Value>, rows: Objects| array.append(&rows[0].1);
        set_at: |array: ObjectArray<Value>, rows: Objects| array.set_at(0, &rows[0].1);
        append_all: |array: ObjectArray<Value>, rows: Objects| array.append_all(rows.iter().map(|(_, item)| item));
        set_range_at: |array: ObjectArray<Value>, rows: Objects| array.set_range_at(0, rows.iter().map(|(_, item)| item));
        swap: |array: IntArray| array.swap(0, 1);
    }
    "src/nemesis/array/sorted.rs" {
        add: |array: SortedInts, rows: Rows| array.add(&rows[0].1);
        fill: |array: SortedInts, rows: Rows| array.fill(rows.iter().map(|(_, item)| item));
        min: |array: SortedInts| array.min(1);
        max: |array: SortedInts| array.max(1);
        intersect: |array: SortedInts, other: SortedInts| array.intersect(&other);
    }
    "src/nemesis/list.rs" {
        delete_all_lists: |db: nemesis::Client| db.delete_all_lists();
        create: |list: List<Value>| list.create();
        delete: |list: List<Value>| list.delete();
        exists: |list: List<Value>| list.exists();
        len: |list: List<Value>| list.len();
        is_empty: |list: List<Value>| list.is_empty();
        push: |list: List<Value>, rows: Objects| list.push(&rows[0].1);
        push_all: |list: List<Value>, rows: Objects| list.push_all(rows.iter().map(|(_, item)| item));
        insert_all: |list: List<Value>, rows: Objects| list.insert_all(0, rows.iter().map(|(_, item)| item));
        set_range: |list: List<Value>, rows: Objects| list.set_range(0, rows.iter().map(|(_, item)| item));
        get: |list: List<Value>| list.get(0);
        last: |list: List<Value>| list.last();
        get_range: |list: List<Value>| list.get_range(1..);
        remove_head: |list: List<Value>| list.remove_head();
        remove_tail: |list: List<Value>| list.remove_tail();
        remove_ends: |list: List<Value>| list.remove_ends();
        remove_range: |list: List<Value>| list.remove_range(..3);
        move_to: |list: List<Value>, other: List<Value>| list.move_to(.., &other);
        move_to_at: |list: List<Value>, other: List<Value>| list.move_to_at(.., &other, 0);
    }
    "src/nemesis/save.rs" {
        save: |kv: Kv, name: String| kv.save(&name);
        load: |kv: Kv, name: String| kv.load(&name);
    }
    "src/nemesis/probe.rs" {
        probe: |url: String| nemesis::probe(&url, statuswire::ConnectOptions::default());
    }
    "src/nemesis/sessions/client.rs" {
        connect: |url: String| sessions::Client::connect(&url);
        connect: |builder: sessions::Builder| builder.connect();
        create: |db: sessions::Client, name: String| db.create(name);
        open: |db: sessions::Client, name: String| db.open(&name);
        totals: |db: sessions::Client| db.totals();
        end_all: |db: sessions::Client| db.end_all();
        fence: |db: sessions::Client| db.fence();
        shutdown: |db: sessions::Client| db.shutdown(LIMIT);
    }
    "src/nemesis/sessions/session.rs" {
        info: |session: Session| session.info();
        end: |session: Session| session.end();
    }
    "src/nemesis/sessions/kv.rs" {
        set: |session: Session, rows: Rows| session.set(&rows[0].0, &rows[0].1);
        set_raw: |session: Session, raw: Box<RawValue>| session.set_raw("key", &raw);
        set_many: |session: Session, rows: Rows| session.set_many(rows.iter().map(|(key, value)| (key, value)));
        add: |session: Session, rows: Rows| session.add(&rows[0].0, &rows[0].1);
        add_many: |session: Session, rows: Rows| session.add_many(rows.iter().map(|(key, value)| (key, value)));
        get: |session: Session, rows: Rows| session.get::<i64>(&rows[0].0);
        get_raw: |session: Session, rows: Rows| session.get_raw(&rows[0].0);
        get_many: |session: Session, rows: Rows| session.get_many::<i64>(rows.iter().map(|(key, _)| key));
        remove: |session: Session, rows: Rows| session.remove(&rows[0].0);
        remove_many: |session: Session, rows: Rows| session.remove_many(rows.iter().map(|(key, _)| key));
        contains: |session: Session, rows: Rows| session.contains(&rows[0].0);
        contains_many: |session: Session, rows: Rows| session.contains_many(rows.iter().map(|(key, _)| key));
        keys: |session: Session| session.keys();
        count: |session: Session| session.count();
        clear: |session: Session| session.clear();
    }
    "src/nemesis/sessions/find.rs" {
        update: |session: Session, rows: Rows| session.update(&rows[0].0, "$", &rows[0].1);
        keys: |session: Session, path: String| session.find(&path).keys();
        paths: |session: Session, path: String| session.find(&path).paths();
        values: |session: Session, rows: Rows|
            session.find("$").within(rows.iter().map(|(key, _)| key)).values::<i64>();
    }
    "src/nemesis/sessions/one_way.rs" {
        set_one_way: |session: Session, rows: Rows| session.set_one_way(&rows[0].0, &rows[0].1);
        set_many_one_way: |session: Session, rows: Rows|
            session.set_many_one_way(rows.iter().map(|(key, value)| (key, value)));
        add_one_way: |session: Session, rows: Rows| session.add_one_way(&rows[0].0, &rows[0].1);
        add_many_one_way: |session: Session, rows: Rows|
            session.add_many_one_way(rows.iter().map(|(key, value)| (key, value)));
        one_way_failures: |db: sessions::Client| db.one_way_failures().collect::<Vec<_>>();
    }
    "src/nemesis/sessions/save.rs" {
        load: |db: sessions::Client, name: String| db.load(&name);
        load_many: |db: sessions::Client, rows: Rows| db.load_many(rows.iter().map(|(name, _)| name));
        run: |db: sessions::Client, session: Session| db.save("name").only([&session]).run();
        progress: |db: sessions::Client| db.save("name").progress();
        SaveProgress: |progress: sessions::SaveProgress| progress.next();
    }
    "src/nemesis/fusion/client.rs" {
        connect: |url: String| fusion::Client::connect(&url);
        connect: |builder: fusion::Builder| builder.connect();
        server_info: |db: fusion::Client| db.server_info();
        count: |db: fusion::Client| db.count();
        clear: |db: fusion::Client| db.clear();
        fence: |db: fusion::Client| db.fence();
        shutdown: |db: fusion::Client| db.shutdown(LIMIT);
    }
    "src/nemesis/fusion/kv.rs" {
        set: |db: fusion::Client, rows: Rows| db.set(&rows[0].0, &rows[0].1);
        set_raw: |db: fusion::Client, raw: Box<RawValue>| db.set_raw("key", &raw);
        set_many: |db: fusion::Client, rows: Rows| db.set_many(rows.iter().map(|(key, value)| (key, value)));
        add: |db: fusion::Client, rows: Rows| db.add(&rows[0].0, &rows[0].1);
        add_many: |db: fusion::Client, rows: Rows| db.add_many(rows.iter().map(|(key, value)| (key, value)));
        get: |db: fusion::Client, rows: Rows| db.get::<i64>(&rows[0].0);
        get_raw: |db: fusion::Client, rows: Rows| db.get_raw(&rows[0].0);
        get_many: |db: fusion::Client, rows: Rows| db.get_many::<i64>(rows.iter().map(|(key, _)| key));
        remove: |db: fusion::Client, rows: Rows| db.remove(&rows[0].0);
        remove_many: |db: fusion::Client, rows: Rows| db.remove_many(rows.iter().map(|(key, _)| key));
        append: |db: fusion::Client, rows: Rows| db.append(&rows[0].0, &rows[0].1);
    }
    "src/nemesis/fusion/one_way.rs" {
        set_one_way: |db: fusion::Client, rows: Rows| db.set_one_way(&rows[0].0, &rows[0].1);
        add_one_way: |db: fusion::Client, rows: Rows| db.add_one_way(&rows[0].0, &rows[0].1);
        one_way_failures: |db: fusion::Client| db.one_way_failures().collect::<Vec<_>>();
    }
    "src/nemesis/raw.rs" {
        raw: |db: nemesis::Client, json: String| db.raw(&json);
    }
    "src/blazeauth/builder.rs" {
        connect: |builder: blazeauth::Builder| builder.connect();
    }
    "src/blazeauth/client.rs" {
        login_by_license: |client: blazeauth::Client, key: String| client.login_by_license(key.as_str());
        login_by_account: |client: blazeauth::Client, credentials: Credentials| client.login_by_account(&credentials);
        logout: |client: blazeauth::Client| client.logout();
        create_account: |client: blazeauth::Client, account: NewAccount| client.create_account(&account);
        link_license: |client: blazeauth::Client, key: String| client.link_license(key.as_str());
        blacklist: |client: blazeauth::Client, comment: String| client.blacklist(Some(&comment));
        license: |client: blazeauth::Client| client.license();
        account: |client: blazeauth::Client| client.account();
        online_users: |client: blazeauth::Client| client.online_users();
        variable: |client: blazeauth::Client, name: String| client.variable(&name);
        file_info: |client: blazeauth::Client, name: String| client.file_info(&name);
        subscribe: |client: blazeauth::Client| client.subscribe(true);
        shutdown: |client: blazeauth::Client| client.shutdown(LIMIT);
    }
    "src/blazeauth/store.rs" {
        set: |store: Store, key: String| store.set(&key, "value", None);
        get: |store: Store, key: String| store.get(&key);
        delete: |store: Store, key: String| store.delete(&key);
    }
    "src/blazeauth/files/download.rs" {
        resume_behind: |download: blazeauth::Download, file: File| download.resume_behind(&mut file);
        write_to: |download: blazeauth::Download, file: File| download.write_to(&mut file);
        save_in: |download: blazeauth::Download, dir: PathBuf| download.save_in(&dir);
        save_as: |download: blazeauth::Download, dir: PathBuf, name: String| download.save_as(&dir, &name);
    }
    "src/drupal/client.rs" {
        menu: |site: drupal::Client, name: String| site.menu(&name);
        restore: |site: drupal::Client| site.restore();
        send: |site: drupal::Client, path: String| site.send(http::Request::get(path));
    }
    "src/drupal/session/login.rs" {
        login: |site: drupal::Client, name: String| site.login(&name, name.as_str());
        is_logged_in: |site: drupal::Client| site.is_logged_in();
        logout: |site: drupal::Client| site.logout();
    }
    "src/drupal/session/account.rs" {
        reset_password_by_name: |site: drupal::Client, name: String| site.reset_password_by_name(&name);
        reset_password_by_mail: |site: drupal::Client, name: String| site.reset_password_by_mail(&name);
        register: |site: drupal::Client, account: drupal::Registration| site.register(&account);
        change_password: |site: drupal::Client, new: String| site.change_password("current", new.as_str());
        change_mail: |site: drupal::Client, mail: String| site.change_mail("current", &mail);
    }
    "src/drupal/jsonapi/entry.rs" {
        types: |site: drupal::Client| site.types();
        whoami: |site: drupal::Client| site.whoami();
    }
    "src/drupal/jsonapi/resources.rs" {
        get: |articles: Resources<Value>| articles.get(Uuid::nil());
        get_with: |articles: Resources<Value>, query: Query| articles.get_with(Uuid::nil(), &query);
        page: |articles: Resources<Value>, query: Query| articles.page(&query);
        first: |articles: Resources<Value>, query: Query| articles.first(&query);
        count: |articles: Resources<Value>, query: Query| articles.count(&query);
        related: |articles: Resources<Value>, query: Query| articles.related::<Value>(Uuid::nil(), "uid", &query);
        stream: |articles: Resources<Value>, query: Query| articles.stream(&query).try_collect::<Vec<_>>();
    }
    "src/drupal/jsonapi/pages.rs" {
        Pages: |articles: Resources<Value>, query: Query| articles.pages(&query).try_collect::<Vec<_>>();
    }
    "src/drupal/jsonapi/write.rs" {
        create: |articles: Resources<Value>, fields: Fields| articles.create(&fields);
        create_as: |articles: Resources<Value>, rows: Objects| articles.create_as(Uuid::nil(), &Fields::new(&rows[0].1));
        create_with: |articles: Resources<Value>, fields: Fields, query: Query|
            articles.create_with(Uuid::nil(), &fields, &query);
        patch: |articles: Resources<Value>, fields: Fields| articles.patch(Uuid::nil(), &fields);
        patch_with: |articles: Resources<Value>, fields: Fields, query: Query|
            articles.patch_with(Uuid::nil(), &fields, &query);
        delete: |articles: Resources<Value>| articles.delete(Uuid::nil());
    }
    "src/drupal/jsonapi/relationship.rs" {
        get: |tags: Relationship| tags.get();
        add: |tags: Relationship, tag: Identifier| tags.add([tag.clone()]);
        replace: |tags: Relationship, tag: Identifier| tags.replace(tag.clone());
        remove: |tags: Relationship, added: Vec<Identifier>| tags.remove(added.iter().cloned());
    }
    "src/drupal/jsonapi/upload.rs" {
        open: |path: PathBuf| Upload::open(&path);
        upload: |articles: Resources<Value>, file: Upload| articles.upload("field_image", file);
        upload_to: |articles: Resources<Value>, file: Upload| articles.upload_to(Uuid::nil(), "field_image", file);
    }
    "src/drupal/rest.rs" {
        get: |site: drupal::Client, path: String| site.rest().get::<Value>(&path);
        post: |site: drupal::Client, rows: Objects| site.rest().post::<Value>("node", &rows[0].1);
        patch: |site: drupal::Client, rows: Objects| site.rest().patch::<Value>("node/1", &rows[0].1);
        delete: |site: drupal::Client, path: String| site.rest().delete(&path);
        upload: |site: drupal::Client, file: Upload| site.rest().upload("node", "article", "field_image", file);
    }
    "src/drupal/view.rs" {
        page: |view: drupal::View| view.page::<Value>(0);
        pages: |view: drupal::View| view.pages::<Value>().try_collect::<Vec<_>>();
    }
    "sandbox/src/server/mod.rs" {
        start: |service: S| Server::start(service);
        start_with: |service: S, options: sandbox::Options| Server::start_with(options, service);
        stop: |server: Server<S>| server.stop();
        kill: |server: Server<S>| server.kill();
        restart: |server: Server<S>| server.restart();
    }
    "sandbox/src/http/server.rs" {
        start: |service: W| sandbox::http::Server::start(service);
        start_with: |service: W, options: sandbox::http::Options| sandbox::http::Server::start_with(options, service);
        stop: |server: sandbox::http::Server<W>| server.stop();
        kill: |server: sandbox::http::Server<W>| server.kill();
        restart: |server: sandbox::http::Server<W>| server.restart();
    }
    "sandbox/src/http/record.rs" {
        wait_for: |record: sandbox::http::Record, rows: Rows|
            record.wait_for(|record| record.executed(&rows[0].0) > 0);
    }
    "sandbox/src/record.rs" {
        wait_for: |record: Record, rows: Rows| record.wait_for(|record| record.executed(&rows[0].0) > 0);
    }
    "sandbox/src/blazeauth/fake.rs" {
        start: | | BlazeAuth::start();
        start: |builder: sandbox::blazeauth::BlazeAuthBuilder| builder.start();
    }
    "sandbox/src/nemesis/fusion/fake.rs" {
        start: | | NemesisFusion::start();
        start: |builder: sandbox::nemesis::fusion::NemesisFusionBuilder| builder.start();
    }
    "sandbox/src/nemesis/sessions/fake.rs" {
        start: | | NemesisSessions::start();
        start: |builder: sandbox::nemesis::sessions::NemesisSessionsBuilder| builder.start();
    }
    "sandbox/src/drupal/fake.rs" {
        start: | | Drupal::start();
        start: |builder: sandbox::drupal::DrupalBuilder| builder.start();
    }
    "sandbox/src/nemesis/fake.rs" {
        start: | | Nemesis::start();
        start: |builder: sandbox::nemesis::NemesisBuilder| builder.start();
    }
}

/// The public async functions and streams of a file: the first word after the marks that tell them.
fn public_futures(source: &str) -> Vec<&str> {
    let word = |text| str::split(text, |c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap();
    let mut found = Vec::new();
    for line in source.lines().map(str::trim_start) {
        if let Some((_, name)) = line.split_once("pub async fn ") {
            found.push(word(name));
        } else if let Some((head, result)) = line.split_once(" -> impl ")
            && ["Future", "Stream"].iter().any(|name| result.starts_with(name))
            && let Some(name) = head.strip_prefix("pub fn ")
        {
            found.push(word(name));
        } else if let Some(rest) = line.strip_prefix("impl")
            && let Some((_, name)) = ["Stream for ", "Future for "].iter().find_map(|mark| rest.split_once(mark))
            && source.contains(&format!("\npub struct {}", word(name)))
        {
            found.push(word(name));
        }
    }
    found
}

#[test]
fn every_public_future_is_spawned() {
    let sources = sources();
    let there =
        sources.iter().flat_map(|(file, source)| public_futures(source).into_iter().map(|name| (&**file, name)));
    let there: BTreeSet<_> = there.collect();
    assert!(there.len() > 80, "{there:?}");
    let spawned: BTreeSet<_> = SPAWNED.iter().copied().collect();
    assert_eq!(there.difference(&spawned).collect::<Vec<_>>(), [] as [&(&str, &str); 0], "spawn these above");
    assert_eq!(spawned.difference(&there).collect::<Vec<_>>(), [] as [&(&str, &str); 0], "these are gone");
}

/// The futures of traits, which users implement.
#[test]
fn every_future_of_a_trait_is_send() {
    for (file, source) in sources() {
        for line in
            source.lines().filter(|line| line.trim_start().starts_with("fn ") && line.contains(" -> impl Future"))
        {
            assert!(line.contains(" + Send"), "{file}: {line}");
        }
    }
}
