#!/usr/bin/env bash
# build.sh BIN VERSION OUT.msi [CERTIFICATE.pem KEY.pem]: the installer of what lies in BIN; signed, files and all, when a
# certificate is named.
set -euo pipefail
bin=$(readlink -f "$1") version=$2 out=$3
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d "${TMPDIR:-/tmp}/sspr_msi.XXXXXX")
trap 'rm -rf "$work"' EXIT
sign() { # FILE
  osslsigncode sign -certs "$certificate" -key "$key" -h sha256 -n "SSPR Login" -in "$1" -out "$1.signed" >/dev/null
  mv "$1.signed" "$1"
}
programs="sspr_credprov.dll sspr-flow.exe sspr-setpw.exe sspr-doctor.exe sspr-enroll.exe"
for name in $programs; do cp "$bin/$name" "$work/"; done
if [ $# -ge 5 ]; then
  certificate=$4 key=$5
  for name in $programs; do sign "$work/$name"; done
fi
cp "$here/sspr-login.wxs" "$work/"
(cd "$work" && wixl -a x64 -D VERSION="$version" -o out.msi sspr-login.wxs)
# What wixl 0.101 has no words for: a property that reaches the installing half, a condition, and that the old version
# goes before the new one comes (an error then brings the old one back).
msibuild "$work/out.msi" -q "UPDATE Property SET Value = 'WIX_UPGRADE_DETECTED;WIX_DOWNGRADE_DETECTED;SERVICEURL' WHERE Property = 'SecureCustomProperties'"
msibuild "$work/out.msi" -q "INSERT INTO LaunchCondition (Condition, Description) VALUES ('Installed OR NOT SERVICEURL OR SERVICEURL << \"https://\"', 'SERVICEURL must begin with https://')"
msibuild "$work/out.msi" -q "UPDATE InstallExecuteSequence SET Sequence = 1501 WHERE Action = 'RemoveExistingProducts'"
[ $# -lt 5 ] || sign "$work/out.msi"
mv "$work/out.msi" "$out"
