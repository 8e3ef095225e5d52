//! Programs in pages and comments.

use std::fmt::Write;

/// A program.
pub struct Block {
    /// The file that shows it.
    pub file: String,
    /// Its text, with the lines that the documentation hides.
    pub code: String,
}

impl Block {
    /// An example program, without its tests.
    pub fn example(file: &str, source: &str) -> Self {
        let program = source.split("#[cfg(test)]").next().unwrap_or_default();
        let code = program.lines().filter(|line| !line.starts_with("//!")).map(|line| format!("{line}\n")).collect();
        Self { file: file.to_owned(), code }
    }

    /// The program, and each of its async functions in a spawned task.
    pub fn spawned(&self) -> String {
        let lines = self.code.lines().filter(|line| !line.starts_with("#[tokio::main"));
        let mut code: String = lines.map(|line| format!("{line}\n")).collect();
        let functions = functions(&self.code);
        assert!(!functions.is_empty(), "{}: an async program is a function, so that it can be spawned", self.file);
        for (name, parameters) in functions {
            let arguments: Vec<_> = split(parameters).into_iter().map(argument).collect();
            writeln!(code, "crate::spawn(async move {{ {name}({}).await }});", arguments.join(", ")).unwrap();
        }
        code
    }
}

/// An argument for a parameter, `name: Type`.
fn argument(parameter: &str) -> String {
    let (_, kind) = parameter.split_once(':').expect("a parameter with a type");
    let kind = kind.trim();
    match (kind.strip_prefix("&mut "), kind.strip_prefix('&')) {
        (Some(target), _) => format!("&mut *crate::value::<{target}>()"),
        (None, Some(target)) => format!("&*crate::value::<{target}>()"),
        (None, None) => format!("*crate::value::<{kind}>()"),
    }
}

/// Names and parameters of the async functions that are neither methods nor in a module.
fn functions(code: &str) -> Vec<(&str, &str)> {
    let starts = code.match_indices("async fn ").filter(|(at, _)| {
        let line = code[..*at].rsplit('\n').next().unwrap();
        matches!(line, "" | "pub ")
    });
    starts
        .map(|(at, mark)| {
            let (name, rest) = code[at + mark.len()..].split_once('(').unwrap();
            (name, rest.split(") ->").next().unwrap().split(") {").next().unwrap())
        })
        .collect()
}

/// Splits parameters at commas outside of brackets.
fn split(parameters: &str) -> Vec<&str> {
    let mut depth = 0;
    let parts = parameters.split(|c| {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// Paths and texts of the files that a page shows: after a line with the path, or with the path as a comment in the first
/// line.
pub fn files(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut parts = page.split("\n```");
    let mut before = parts.next().unwrap_or_default();
    while let (Some(block), Some(after)) = (parts.next(), parts.next()) {
        let (_, code) = block.split_once('\n').unwrap_or_default();
        let title = before.trim_end().rsplit('\n').next().unwrap_or_default();
        let title = title.strip_prefix('`').and_then(|title| title.strip_suffix("`:"));
        let comment = code.lines().next().and_then(|line| line.strip_prefix("// "));
        if let Some(path) = title.or(comment).filter(|path| path.contains('.') && !path.contains(' ')) {
            found.push((path.to_owned(), format!("{code}\n")));
        }
        before = after;
    }
    found
}

/// The Rust programs of a Markdown page.
pub fn of_page(file: &str, page: &str) -> Vec<Block> {
    blocks(file, page.lines(), |language| language.split(',').next() == Some("rust"))
}

/// The programs in the documentation of a source file.
pub fn of_source(file: &str, source: &str) -> Vec<Block> {
    let comments = source.lines().map(|line| {
        let line = line.trim_start();
        let text = line.strip_prefix("//!").or_else(|| line.strip_prefix("///")).unwrap_or_default();
        text.strip_prefix(' ').unwrap_or(text)
    });
    blocks(file, comments, |language| !matches!(language, "text" | "toml" | "markdown" | "mermaid" | "json"))
}

/// The code blocks in languages that `is_rust` accepts.
fn blocks<'a>(file: &str, lines: impl Iterator<Item = &'a str>, is_rust: impl Fn(&str) -> bool) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<(&str, String, bool)> = None;
    for line in lines {
        let (fence, language) = line.split_at(line.len() - line.trim_start_matches('`').len());
        match &mut open {
            None if fence.len() >= 3 => open = Some((fence, String::new(), is_rust(language))),
            None => {}
            Some((opened, code, kept)) if *opened == line => {
                if *kept {
                    found.push(Block { file: file.to_owned(), code: std::mem::take(code) });
                }
                open = None;
            }
            Some((_, code, _)) => {
                let shown = line.strip_prefix("# ").unwrap_or(if line == "#" { "" } else { line });
                code.push_str(shown);
                code.push('\n');
            }
        }
    }
    found
}
