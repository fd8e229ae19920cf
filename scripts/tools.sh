# Sourced by the other scripts: where the project and its tools are, and which versions it wants.
# Tools that set-up had to fetch live in a per-user cache, a folder a version, so that every clone shares them.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

tool_cache="${XDG_CACHE_HOME:-$HOME/.cache}/saya"
trunk_version=0.21.14
# wasm-bindgen's program must be of the very version of its library.
bindgen_version=$(awk -F'"' '/^name = "wasm-bindgen"$/ { getline; print $2; exit }' Cargo.lock)

for tool in "trunk-$trunk_version" "wasm-bindgen-$bindgen_version"; do
    if [ -d "$tool_cache/$tool/bin" ]; then PATH="$tool_cache/$tool/bin:$PATH"; fi
done
PATH="$root/node_modules/.bin:$PATH"
export PATH TRUNK_SKIP_VERSION_CHECK=true

say() { printf 'Saya: %s\n' "$*" >&2; }

# Whether the rustc on PATH has the standard library for WebAssembly.
rustc_has_wasm() {
    local libraries
    libraries=$(rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null) && [ -d "$libraries" ]
}

# Whether Debian's own compiler can build that library from source, and has the linker for it.
debian_has_wasm() {
    [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] && [ -x /usr/bin/rust-lld ] &&
        [ -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/std" ]
}
