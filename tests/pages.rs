//! What the README shows of the files is what stands in them, and what it links to is there.
#![allow(clippy::unwrap_used, clippy::panic)]
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

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

/// What a heading is called in a link.
fn anchor(heading: &str) -> String {
    let name = heading.to_lowercase().replace(' ', "-");
    name.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
}

#[test]
fn what_the_pages_link_to_is_there() {
    for page in ["README.md", "PORTING.md", "ERRORS.md", "FORMATS.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
    {
        let text = read(page);
        let prose = text.split('`').step_by(2).collect::<String>(); // code has brackets of its own
        for link in prose.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if link.contains("://") {
                continue;
            }
            let (target, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if target.is_empty() { page } else { target };
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(target).exists(), "{page} links to {target}");
            let has = |line: &str| line.starts_with('#') && anchor(line.trim_start_matches(['#', ' '])) == heading;
            assert!(heading.is_empty() || read(target).lines().any(has), "{page} links to {link}");
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

/// With the line that the README shows, and nothing else.
#[test]
fn the_programs_compile_as_they_are_in_a_package_of_their_own() {
    let readme = read("README.md");
    let line = readme.split('`').find(|code| code.starts_with("socket-basics = ")).unwrap();
    let package = tempfile::tempdir().unwrap();
    let dependency = line.replace("\"…\"", &format!("{:?}", env!("CARGO_MANIFEST_DIR")));
    let manifest = "[package]\nname = \"copied\"\nedition = \"2024\"\n[dependencies]\n".to_owned() + &dependency;
    fs::write(package.path().join("Cargo.toml"), manifest).unwrap();
    fs::create_dir_all(package.path().join("src/bin")).unwrap();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin")).unwrap() {
        let file = file.unwrap();
        if file.path().is_file() {
            fs::copy(file.path(), package.path().join("src/bin").join(file.file_name())).unwrap();
        }
    }
    let mut cargo = Command::new(env::var_os("CARGO").unwrap());
    let output = cargo.args(["check", "--offline", "--target-dir", "target"]).current_dir(package.path()).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
