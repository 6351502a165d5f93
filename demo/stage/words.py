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
METHOD = "Type the number of your choice"
CODE_PROMPT = "Code from the e-mail"
APP_CODE = "Code from your authenticator app"
WRONG_CODE = "That code is not right"
TOO_MANY = "too many attempts"
NEW_PASSWORD = "New password: "
REPEAT = "New password again: "
LOCKED_OUT = "This account is locked for now"
UNLOCKED = "Your account is open again"
SET = "Your new password is set"
