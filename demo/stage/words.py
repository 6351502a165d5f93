# SPDX-License-Identifier: Apache-2.0
"""The parts of our sentences by which a waiting test knows where the person is (English)."""

# pam_sspr.so
PASSWORD = "Password (empty if forgotten): "
FORGOT = "Forgot your password?"
UNAVAILABLE = "Password reset is not available"
# pam_unix, login and the shell
PLAIN_PASSWORD = "Password: "
LOGIN = "login: "
INCORRECT = "Login incorrect"
SHELL = "$ "
# sspr-flow
CONFIRM = "Reset the password of"
METHOD = "Number"
CODE = "code"
CODE_PROMPT = "code"
APP_CODE = "app"
HELP_DESK = "help desk"
NEW_PASSWORD = "New password"
REPEAT = "again"
WRONG_CODE = "wrong"
SET = "password is set"
