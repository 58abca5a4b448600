#!/bin/sh
# What the browser tests need from the operating system: Chromium, and fonts that have Chinese characters.
# Installs them through apt where it may (as root, or with sudo that asks for no password). A Chromium that is there
# already will do; the build without windows is installed beside it where that is possible, as it does the same for half
# the processor time.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }
missing=""
have chromium-headless-shell || missing="chromium-headless-shell"
fc-list :lang=zh-cn 2>/dev/null | grep -q . || missing="$missing fonts-noto-cjk"
[ -z "$missing" ] && exit 0

refuse() {
    if { have chromium || have chromium-browser; } && [ "$missing" = chromium-headless-shell ]; then
        exit 0
    fi
    printf '\n缺少浏览器测试所需的软件包,请安装 / the browser tests need these packages, please install them:\n\n' >&2
    printf '    apt-get install%s%s\n\n%s\n' " " "$missing" "$1" >&2
    exit 1
}

have apt-get || refuse "(本机没有 apt-get / there is no apt-get here)"
if [ "$(id -u)" = 0 ]; then
    apt="apt-get"
elif have sudo && sudo -n true 2>/dev/null; then
    apt="sudo -n apt-get"
else
    refuse "(没有 root 权限,也没有免密 sudo / neither root nor sudo without a password)"
fi

printf '安装 / installing %s …\n' "$missing" >&2
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
if ! { $apt update -qq && $apt install -y -qq --no-install-recommends $missing fontconfig; } >"$log" 2>&1; then
    tail -5 "$log" >&2
    refuse "(apt-get 失败 / apt-get failed)"
fi
rm -f "$log"
