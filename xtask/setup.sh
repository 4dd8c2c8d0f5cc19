# Sourced by ./run and ./test: installs what is missing on Debian and Ubuntu, or says what to install.

BUILD_PACKAGES="build-essential pkg-config cmake git curl ca-certificates libasound2-dev libfontconfig-dev"
SCREEN_PACKAGES="xvfb xauth libxkbcommon-x11-0 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libegl1 libgles2 libgl1-mesa-dri fonts-noto-core fonts-noto-color-emoji"
TEST_PACKAGES="faketime procps tcpdump"

need_packages() {
    command -v dpkg-query >/dev/null || return 0 # another system: the build says what it lacks
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            as_root=(sudo -n)
        else
            echo "Please run: sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
            return 1
        fi
    fi
    echo "Installing ${missing[*]}" >&2
    "${as_root[@]}" apt-get update -qq >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

need_rust() {
    local wanted have
    wanted=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
    [ -d "$HOME/.cargo/bin" ] && PATH="$HOME/.cargo/bin:$PATH"
    if command -v cargo >/dev/null; then
        have=$(cargo --version 2>/dev/null | cut -d' ' -f2) || have=0
        [ "$(printf '%s\n' "$wanted" "${have:-0}" | sort -V | head -n 1)" = "$wanted" ] && return 0
    fi
    if ! command -v rustup >/dev/null; then
        echo "Installing Rust $wanted with rustup" >&2
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain "$wanted" >&2
        PATH="$HOME/.cargo/bin:$PATH"
    fi
    rustup toolchain install "$wanted" --profile minimal --component rustfmt --component clippy >&2
}

need_nextest() {
    cargo nextest --version >/dev/null 2>&1 || cargo install --locked cargo-nextest --version 0.9.143 >&2
}
