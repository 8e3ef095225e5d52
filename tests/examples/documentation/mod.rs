//! The programs in the README files and in the documentation: a new project with the dependencies that a page names
//! builds its programs, and every async function may run in a spawned task.

mod blocks;
mod project;

use crate::sources::{ROOT, sources, text};
use blocks::Block;
use project::Project;
use std::fmt::Write;
use std::fs;

#[test]
fn the_readme_builds_in_a_new_project() {
    let project = Project::new("readme");
    let page = text("README.md");
    let (tables, programs): (Vec<_>, Vec<_>) = sections(&page)
        .into_iter()
        .partition(|section| blocks::files(section).iter().any(|(path, _)| path == "build.rs"));
    for section in &programs {
        project.add(section);
    }
    let blocks: Vec<_> = programs.iter().flat_map(|section| blocks::of_page("README.md", section)).collect();
    assert!(blocks.len() >= 3, "the programs were not found");
    for (index, block) in blocks.iter().enumerate() {
        let main = if block.code.contains("fn main()") { "" } else { "#![allow(dead_code)]\nfn main() {}\n" };
        project.write(&format!("src/bin/program_{index}.rs"), &format!("{main}{}", block.code));
    }
    project.check();

    assert!(!tables.is_empty(), "no section shows a build script");
    for (index, section) in tables.iter().enumerate() {
        check_tables(&format!("readme_tables_{index}"), section);
    }
}

#[test]
fn the_readme_of_the_generator_builds_in_a_new_project() {
    check_tables("readme_codegen", &text("codegen/README.md"));
}

/// Builds a project of the files that a page shows, with a table of this repository if it shows none.
fn check_tables(name: &str, page: &str) {
    let project = Project::new(name);
    project.add(page);
    let files = blocks::files(page);
    for (path, text) in &files {
        project.write(path, text);
    }
    if !files.iter().any(|(path, _)| path.starts_with("codes/")) {
        project.write("codes/nemesis.md", &text("codes/nemesis.md"));
    }
    for path in ["build.rs", "src/lib.rs"] {
        assert!(files.iter().any(|(shown, _)| shown == path), "{name} shows no {path}");
    }
    project.check();
}

#[test]
fn the_readme_of_the_sandbox_builds_in_a_new_project() {
    let project = Project::new("readme_sandbox");
    let page = text("sandbox/README.md");
    project.add(&page);
    let blocks = blocks::of_page("sandbox/README.md", &page);
    assert_eq!(blocks.len(), 3, "one program for WebSocket, one for HTTP, one for Drupal");
    for (index, block) in blocks.iter().enumerate() {
        // Examples may use the dependencies of tests.
        project.write(&format!("examples/program_{index}.rs"), &block.code);
    }
    project.check();
}

/// What the programs of the documentation need besides the dependencies that the README names.
const DEPENDENCIES: &str = "
cargo add rcgen --no-default-features -F crypto,pem,ring
cargo add serde_json
cargo add --path ../statuswire -F nemesis-older
cargo add tokio-rustls --no-default-features -F ring,tls12
cargo add tokio-tungstenite --no-default-features -F handshake
";

/// What stands before the programs: a task of `tokio::spawn` or a handler of a web server, and arguments for it.
const PRELUDE: &str = "\
#![allow(dead_code, unreachable_code, unused)]
fn spawn(_: impl Future<Output: Send> + Send + 'static) {}
fn value<T: ?Sized>() -> Box<T> {
    unreachable!()
}
";

#[test]
fn every_async_program_can_be_spawned() {
    let mut library = PRELUDE.to_owned();
    let mut count = 0;
    for block in documentation() {
        // A clock is paused only in a test, and in its own task.
        if block.code.contains(".await") && !block.code.contains("time::pause()") {
            write!(library, "\n// {}\nfn program_{count}() {{\n{}\n}}\n", block.file, block.spawned()).unwrap();
            count += 1;
        }
    }
    assert!(count > 15, "only {count} programs were found");
    let project = Project::new("spawned");
    project.add(sections(&text("README.md")).iter().find(|section| section.starts_with("Depend on it")).unwrap());
    project.add(DEPENDENCIES);
    // The examples' module `print`, whose macro expects it in the crate's root.
    library.push_str("\n#[path = \"common/print.rs\"]\nmod print;\n");
    project.write("src/lib.rs", &library);
    project.write("src/common/print.rs", &text("examples/common/print.rs"));
    project.check();
}

/// Every program: of the pages, of the documentation of the crates, and the examples that are one file.
fn documentation() -> Vec<Block> {
    let mut pages = vec!["README.md", "codegen/README.md", "sandbox/README.md", "codes/README.md", "CONTRIBUTING.md"];
    let docs = names("docs", ".md");
    pages.extend(docs.iter().map(String::as_str));
    let mut found: Vec<_> = pages.iter().flat_map(|page| blocks::of_page(page, &text(page))).collect();
    found.extend(sources().iter().flat_map(|(file, source)| blocks::of_source(file, source)));
    found.extend(names("examples", ".rs").iter().map(|file| Block::example(file, &text(file))));
    found
}

/// The files of a directory whose names end so.
fn names(directory: &str, end: &str) -> Vec<String> {
    let entries = fs::read_dir(format!("{ROOT}/{directory}")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(end)).map(|name| format!("{directory}/{name}")).collect()
}

/// The parts of a page under its headings of the second level.
fn sections(page: &str) -> Vec<String> {
    page.split("\n## ").map(str::to_owned).collect()
}
