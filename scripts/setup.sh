#!/bin/sh
# Makes .venv and installs the locked requirements; `setup.sh dev` adds what the tests need.
# Does nothing, in a few milliseconds, when both locks are already installed.
set -eu
cd "$(dirname "$0")/.."

level=${1:-run}
venv=.venv
uv_version=0.13.9

say() { printf '%s\n' "$*" >&2; }
refuse() { say ""; say "无法安装 / cannot set up: $*"; say ""; exit 1; }

locks=requirements.txt
[ "$level" = dev ] && locks="requirements.txt requirements-dev.txt"

fingerprint() { cat $locks scripts/setup.sh | cksum | tr ' ' '-'; }
stamp="$venv/.installed-$level"
if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint)" ]; then
    exit 0
fi

find_python() {
    for name in ${PYTHON:-} python3.11 python3; do
        if "$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    refuse "需要 Python 3.11(python3.11)。Python 3.11 was not found: install it, or name it with PYTHON=/path/to/python3.11."
}

# A moved checkout or a removed Python leaves a .venv that cannot run.
if ! "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
    python=$(find_python)
    say "创建虚拟环境 / making $venv with $python …"
    rm -rf "$venv"
    "$python" -m venv "$venv" || refuse "venv 模块不可用。The venv module is missing (Debian: apt-get install python3.11-venv)."
fi
python="$venv/bin/python"
"$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null

# uv needs 5 s where pip needs 45. It does not read pip's configuration: a mirror set there is passed on. Whatever
# keeps uv from working (no wheel for this machine, a proxy that only pip knows) costs nothing but the time.
install() {
    index=$("$python" -m pip config get global.index-url 2>/dev/null || true)
    index=${PIP_INDEX_URL:-$index}
    if "$python" -m pip install -qq --disable-pip-version-check "uv==$uv_version" 2>/dev/null &&
        UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}" "$python" -m uv pip install -q --python "$python" --no-deps "$@" 2>/dev/null; then
        return
    fi
    say "改用 pip 安装 / installing with pip, about a minute …"
    "$python" -m pip install -q --disable-pip-version-check --no-deps "$@"
}

say "安装依赖 / installing requirements …"
files=""
for lock in $locks; do files="$files -r $lock"; done
# The locks are complete, so that dependencies need no solving.
install $files || refuse "依赖安装失败(见上)。The requirements could not be installed (see above)."
fingerprint >"$stamp"
