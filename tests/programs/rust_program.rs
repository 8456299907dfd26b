// rust_program - a Rust program without threads: collections, formatting, files, a
// caught panic, the environment.
// run: --filter 's/^thread .main. .*panicked/thread main panicked/' -- alpha beta
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{Read, Write};

fn collections() -> u64 {
    let mut map: HashMap<u64, String> = HashMap::new();
    for i in 0..5000u64 {
        map.insert(i.wrapping_mul(0x9e3779b97f4a7c15), format!("value {i}"));
    }
    let sorted: BTreeMap<_, _> = map.iter().collect();
    sorted.values().fold(0u64, |h, s| {
        s.bytes().fold(h, |h, b| h.wrapping_mul(31).wrapping_add(b as u64))
    })
}

fn files() -> std::io::Result<usize> {
    fs::create_dir_all("a/b/c")?;
    let mut f = fs::File::create("a/b/c/file")?;
    for i in 0..1000 {
        writeln!(f, "line {i}")?;
    }
    drop(f);
    let mut text = String::new();
    fs::File::open("a/b/c/file")?.read_to_string(&mut text)?;
    fs::rename("a/b/c/file", "a/moved")?;
    Ok(text.lines().count())
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    println!("arguments: {args:?}");
    println!("collections: {:016x}", collections());
    println!("lines: {}", files().unwrap());
    let caught = std::panic::catch_unwind(|| {
        let v: Vec<u32> = Vec::new();
        let index = std::env::args().count();
        println!("{}", v[index]);
    });
    println!("panic caught: {}", caught.is_err());
    println!("missing file: {:?}", fs::File::open("missing").unwrap_err().kind());
    std::process::exit(3);
}
