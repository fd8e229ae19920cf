//! The two doors: the page in a browser, the native program elsewhere.

#[cfg(target_arch = "wasm32")]
fn main() {
    saya::ui::mount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    saya::cli::main(std::env::args_os().skip(1))
}
