# The virtual environment, made once and kept in step with the requirements. Sourced from the top folder.

fail() {
    printf 'Bulbul: %s\n' "$1" >&2
    exit 1
}

# make_environment FILE: afterwards .venv/bin/python exists and has everything that FILE names.
make_environment() {
    exec 9<bin/lib/venv.sh # locks this file: two starts at once must not install over each other
    flock 9
    is_new_enough .venv/bin/python || create_environment
    is_installed "$1" || install_packages "$1"
    exec 9<&-
}

create_environment() {
    python=$(find_python)
    [ -n "$python" ] || fail "Python 3.11 or newer is needed and was not found; install it (Debian, Ubuntu: apt-get install python3 python3-venv) and run this again."
    can_make_environments "$python" || add_venv_package "$python"
    "$python" -m venv --clear .venv || fail "the virtual environment .venv could not be made; the reason stands above."
}

# The first Python that can make environments, else the first that is new enough, else nothing.
find_python() {
    spare=
    for candidate in python3.13 python3.12 python3.11 python3; do
        is_new_enough "$candidate" || continue
        if can_make_environments "$candidate"; then
            echo "$candidate"
            return
        fi
        spare=${spare:-$candidate}
    done
    echo "$spare"
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Debian and Ubuntu ship Python without ensurepip.
can_make_environments() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

add_venv_package() {
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $package, without which Python makes no virtual environments ..."
        { apt-get update && apt-get install -y --no-install-recommends "$package"; } >/dev/null 2>&1 || true
    fi
    can_make_environments "$1" || fail "Python's venv module is incomplete; install it (Debian, Ubuntu: apt-get install $package) and run this again."
}

is_installed() {
    [ "$(cat ".venv/installed-$1" 2>/dev/null)" = "$(fingerprint "$1")" ]
}

fingerprint() {
    cat requirements.txt "$1" | sha256sum
}

install_packages() {
    echo "Installing the Python packages of $1 ..."
    .venv/bin/python -m pip --version >/dev/null 2>&1 || create_environment
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --retries 2 \
        -r "$1" >.venv/install.log 2>&1 || explain_failed_install
    fingerprint "$1" >".venv/installed-$1"
    fingerprint requirements.txt >.venv/installed-requirements.txt # every other file includes this one
}

explain_failed_install() {
    if grep -qiE 'establish a new connection|name resolution|network is unreachable|timed out' .venv/install.log; then
        fail "the Python packages could not be fetched because the package index does not answer; check the network and run this again."
    fi
    tail -n 5 .venv/install.log >&2
    fail "the Python packages could not be installed; the whole story is in .venv/install.log."
}
