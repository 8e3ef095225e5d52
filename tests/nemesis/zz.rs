use statuswire::nemesis::Client;
use statuswire_sandbox::Nemesis;
#[tokio::test]
async fn sizes() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let kv = db.kv();
    eprintln!("set {} get {} count {} list.len {}", std::mem::size_of_val(&kv.set("a", &1)), std::mem::size_of_val(&kv.get::<u8>("a")), std::mem::size_of_val(&kv.count()), std::mem::size_of_val(&db.list::<serde_json::Value>("a").get_range(..)));
}
