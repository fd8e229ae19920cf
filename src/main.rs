//! The two doors: the page in a browser, the native program elsewhere.

/// A simulation makes and drops many small objects, for which the system's allocators take longer.
#[cfg(not(target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(target_arch = "wasm32")]
fn main() {
    saya::ui::mount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    saya::cli::main(std::env::args_os().skip(1))
}
