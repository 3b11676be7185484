//! What the README shows of the files is what stands in them, and what it links to is there.
#![allow(clippy::unwrap_used, clippy::panic)]
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap().replace("\r\n", "\n")
}

/// The blocks of `page` that are fenced as `language`.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(&*fence).skip(1).map(|rest| rest.split_once("```").unwrap().0).collect()
}

#[test]
fn the_code_that_the_readme_shows_stands_in_the_program() {
    let readme = read("README.md");
    let [block] = blocks(&readme, "rust")[..] else { panic!("one block of Rust") };
    assert!(read("src/bin/udp_server.rs").contains(block), "the program has no longer\n{block}");
}

#[test]
fn what_the_pages_link_to_is_there() {
    for page in ["README.md", "PORTING.md", "ERRORS.md", "FORMATS.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
    {
        let text = read(page);
        let targets = text.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap());
        for target in targets.filter(|target| !target.is_empty() && !target.contains("://")) {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(target).exists(), "{page} links to {target}");
        }
    }
}

#[test]
fn the_readme_names_every_program_and_every_example() {
    let readme = read("README.md");
    for folder in ["src/bin", "examples"] {
        for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let name = file.unwrap().file_name().to_string_lossy().replace(".rs", "");
            assert!(name.ends_with(".toml") || readme.contains(&format!("`{name}`")), "{folder}/{name}");
        }
    }
}
