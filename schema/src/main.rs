//! `saya-schema table` prints `src/api/schema/table.txt`, `saya-schema field-docs` the JSON that `explain` reads.

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("table") => print!("{}", saya_schema::table()),
        Some("field-docs") => println!("{}", saya_schema::field_docs()),
        _ => {
            eprintln!("usage: saya-schema table | field-docs");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
