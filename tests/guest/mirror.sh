# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# The mirror of a distribution that this machine's apt uses, else Debian's own.
mirror_uri() { # debian|ubuntu
	local uri
	uri=$(grep -hsE '^(URIs:|deb )' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list |
		grep -oE "https?://[^ ]+/$1/?( |\$)" | head -1)
	uri=${uri:-http://deb.debian.org/debian}
	uri=${uri% }
	echo "${uri%/}"
}
