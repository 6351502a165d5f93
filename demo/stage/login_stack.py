# SPDX-License-Identifier: Apache-2.0
"""The login stacks of the private machine: Debian's own, with our module beside pam_unix."""

import pathlib
import re

PAM_D = pathlib.Path("/etc/pam.d")

# nullok is left out: on this machine an empty answer means "forgotten". nodelay spares the watcher
# two seconds after each wrong password.
BY_PROMPT = """\
-auth [default=ignore]          {module} trigger=prompt {options}
auth [success=1 default=ignore] pam_unix.so nodelay try_first_pass
auth requisite                  pam_deny.so
auth required                   pam_permit.so
"""
# pam_faillock refuses who is locked out before it is asked for a password: ours comes before it.
BY_PROMPT_WITH_FAILLOCK = """\
-auth [default=ignore]          {module} trigger=prompt {options}
auth requisite                  pam_faillock.so preauth
auth [success=2 default=ignore] pam_unix.so nodelay try_first_pass
auth [default=die]              pam_faillock.so authfail
auth requisite                  pam_deny.so
auth required                   pam_permit.so
"""
# What pam-auth-update makes of packaging/pam-configs/sspr-phases: the file of the whole machine, the
# place there, and what is put there.
PHASES = (
    (
        "common-account",
        r"\Z",
        "-account [new_authtok_reqd=ok perm_denied=die default=ignore] {module} {options}\n",
    ),
    (
        "common-password",
        r"(?m)^password\s.*pam_unix\.so.*\n",
        "-password [success=2 authtok_err=die try_again=die default=ignore] {module} ask_new {options}\n"
        "password [success=1 default=ignore] pam_unix.so obscure use_authtok try_first_pass yescrypt\n",
    ),
    ("common-session", r"\Z", "-session [default=ignore] {module} {options}\n"),
)
# Behind a password module that said yes; for front ends that cannot change a password later.
BY_DEMAND = """\
auth [success=1 default=ignore] pam_unix.so nodelay try_first_pass
auth requisite                  pam_deny.so
auth required                   pam_permit.so
-auth [perm_denied=die default=ignore] {module} trigger=demand {options}
"""
BY_FAILURE = """\
auth [success=3 default=ignore] pam_unix.so nodelay try_first_pass
-auth [default=ignore]          {module} trigger=failure {options}
auth [success=1 default=ignore] pam_unix.so nodelay use_first_pass
auth requisite                  pam_deny.so
auth required                   pam_permit.so
"""
# Whoever logs in as "forgot" resets the password of somebody else and is refused.
BY_ACCOUNT = """\
-auth [default=ignore]          {module} trigger=account {options}
auth requisite                  pam_succeed_if.so quiet user != forgot
auth [success=1 default=ignore] pam_unix.so nodelay try_first_pass
auth requisite                  pam_deny.so
auth required                   pam_permit.so
"""


def install(service, stack, module, options=""):
    """Puts the stack in the place of common-auth in /etc/pam.d/SERVICE."""
    text = (
        (PAM_D / service).read_text()
        if (PAM_D / service).exists()
        else ("@include common-auth\n@include common-account\n@include common-session\n")
    )
    pristine = PAM_D / f"{service}.pristine"
    if pristine.exists():
        text = pristine.read_text()
    else:
        pristine.write_text(text)
    lines = stack.format(module=module, options=options).rstrip()
    text, count = re.subn(r"(?m)^@include common-auth$", lines, text)
    if count != 1:
        raise AssertionError(f"/etc/pam.d/{service} does not include common-auth once")
    # The delay after a wrong password and the kernel's audit id are not what is looked at here.
    text = re.sub(r"(?m)^(.*pam_faildelay\.so.*|.*pam_loginuid\.so.*)$", r"# \1", text)
    (PAM_D / service).write_text(text)


def install_phases(module, options=""):
    """Our lines in the account, password and session files of the machine."""
    for name, place, line in PHASES:
        text = _pristine(name)
        text, count = re.subn(
            place, lambda _, line=line: line.format(module=module, options=options), text, count=1
        )
        if count != 1:
            raise AssertionError(f"/etc/pam.d/{name} is not as Debian makes it")
        (PAM_D / name).write_text(text)


def remove_phases():
    for name, _, _ in PHASES:
        (PAM_D / name).write_text(_pristine(name))


def _pristine(name):
    """The file as it was before any test."""
    kept = PAM_D / f"{name}.pristine"
    if not kept.exists():
        kept.write_text((PAM_D / name).read_text())
    return kept.read_text()
