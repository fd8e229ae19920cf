# Sourced by the other scripts: where the project and its tools are, and which versions it wants.
# Tools that set-up had to fetch live in a per-user cache, a folder a version, so that every clone shares them.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

tool_cache="${XDG_CACHE_HOME:-$HOME/.cache}/saya"
trunk_version=0.21.14
# wasm-bindgen's program must be of the very version of its library.
bindgen_version=$(awk -F'"' '/^name = "wasm-bindgen"$/ { getline; print $2; exit }' Cargo.lock)

tool_path="$root/node_modules/.bin:$tool_cache/trunk-$trunk_version/bin:$tool_cache/wasm-bindgen-$bindgen_version/bin"
export PATH="$tool_path:$PATH"

say() { printf 'Saya: %s\n' "$*" >&2; }

# Whether the rustc on PATH has the standard library for WebAssembly.
rustc_has_wasm() {
    local libraries
    libraries=$(rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null) && [ -d "$libraries" ]
}

# Whether Debian's own compiler can build that library from source, has the linker for it, and is new enough for us.
debian_has_wasm() {
    [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] && [ -x /usr/bin/rust-lld ] &&
        [ "$(/usr/bin/rustc --version | cut -d. -f2)" -ge "$(sed -n 's/^rust-version = "1\.\([0-9]*\).*/\1/p' Cargo.toml)" ] &&
        [ -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/std" ]
}
