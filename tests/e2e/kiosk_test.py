# SPDX-License-Identifier: Apache-2.0
"""A device that strangers share: [kiosk] of sspr.conf and idle= on the module's line, at a real
/bin/login."""

import pathlib
import subprocess

from e2e_case import E2eCase, journey, main, words
from stage import login_stack
from stage.lightdm import LightDm

CONFIG = pathlib.Path("/etc/sspr/sspr.conf")
BUDGET = pathlib.Path("/run/sspr-flow")
CONFIRM = "Enter = yes"
CODE = "Code: "
IDLE = 30  # seconds, the fewest there may be


class Kiosk(E2eCase):
    def setUp(self):
        super().setUp()
        before = CONFIG.read_text()
        self.addCleanup(CONFIG.write_text, before)
        self.plain = before
        BUDGET.mkdir(mode=0o700, exist_ok=True)
        subprocess.run(["chown", "sspr:sspr", BUDGET], check=True)
        for start in BUDGET.iterdir():
            start.unlink()
        self.machine.use_stack("login", login_stack.BY_PROMPT, f"idle={IDLE}")
        self.addCleanup(self.machine.use_stack, "login", login_stack.BY_PROMPT)

    def configure(self, *lines):
        CONFIG.write_text("\n".join((self.plain, "[kiosk]", "enabled = yes", *lines, "")))

    def to_code(self, terminal, person=None):
        person = person or self.person
        sent = len(person.mailbox.codes())
        journey.to_password_prompt(terminal, person.name)
        terminal.type("", hidden=True)
        terminal.expect(CONFIRM)
        terminal.type("")
        terminal.expect(CODE)
        return self.machine.code(person.mailbox.wait_for(sent + 1, "codes")[-1])

    def starts(self):
        return len(list(BUDGET.iterdir()))

    def test_short_words_and_masks_lead_to_a_new_password_and_the_screen_is_wiped(self):
        self.configure()
        terminal = self.login()
        terminal.type(self.to_code(terminal))
        terminal.expect(words.NEW_PASSWORD)
        screen = terminal.screen()
        self.assertIn("NEW PASSWORD", screen)
        self.assertIn("***@", screen)
        self.assertNotIn(f"{self.person.name}@", screen)
        new = self.machine.new_password()
        terminal.type(new, hidden=True)
        terminal.expect(words.REPEAT)
        terminal.type(new, hidden=True)
        terminal.expect("Done. Use the new password.")
        terminal.expect(words.SHELL)
        screen = terminal.screen()
        self.assertNotIn("***@", screen)
        self.assertNotIn("NEW PASSWORD", screen)
        self.assertIn("Done. Use the new password.", screen)
        self.assert_password(new)

    def test_who_leaves_a_reset_leaves_an_empty_screen(self):
        self.configure()
        terminal = self.login()
        journey.to_password_prompt(terminal, self.person.name)
        terminal.type("", hidden=True)
        terminal.expect(CONFIRM)
        terminal.type("n")
        terminal.expect("Nothing was changed.")
        terminal.expect(words.PLAIN_PASSWORD)
        self.assertNotIn(self.person.name, terminal.screen())

    def test_a_reset_that_was_cut_off_is_not_remembered(self):
        self.configure()
        terminal = self.login()
        first = self.to_code(terminal)
        terminal.hang_up()
        terminal.wait_for_end()
        terminal = self.login()
        self.assertNotEqual(self.to_code(terminal), first)

    def test_nothing_but_the_chosen_methods_is_offered(self):
        self.configure("methods = app")
        terminal = self.login()
        journey.to_password_prompt(terminal, self.person.name)
        terminal.type("", hidden=True)
        terminal.expect(CONFIRM)
        terminal.type("")
        terminal.expect(words.PLAIN_PASSWORD)
        self.assertEqual(self.person.mailbox.codes(), [])
        self.assert_nothing_changed()

    def test_whoever_comes_after_the_idle_time_finds_nothing_of_the_one_before(self):
        self.configure(f"idle_seconds = {IDLE}")
        # At the console the login ends, and the screen is getty's; elsewhere the flow ends itself.
        console = self.login()
        self.to_code(console)
        self.machine.use_stack("login", login_stack.BY_PROMPT)
        other = self.new_person()
        mark = self.machine.syslog.mark()
        greeter = self.login()
        code = self.to_code(greeter, other)

        console.expect("timed out", seconds=4 * IDLE)
        console.wait_for_end()
        self.machine.syslog.wait_for("SSPR-F018", mark, 4 * IDLE)
        greeter.type(code)
        greeter.expect("took too long")
        greeter.expect(words.PLAIN_PASSWORD)
        self.assert_nothing_changed()
        self.assert_nothing_changed(other)

    def test_lightdm_takes_the_question_of_who_went_away_off_the_screen(self):
        self.configure(f"idle_seconds = {IDLE}")
        self.machine.use_stack("lightdm", login_stack.BY_PROMPT, f"idle={IDLE}")
        with LightDm("/var/log/screens") as display_manager:
            screen = display_manager.screen
            screen.wait_for("Log In")
            screen.answer(self.person.name, "empty if forgotten")
            screen.answer("", CONFIRM)
            screen.answer("", "***@")
            screen.picture("lightdm-kiosk-1-code")
            screen.wait_for("empty if forgotten", seconds=4 * IDLE)
            screen.picture("lightdm-kiosk-2-idle")
            self.assertNotIn("***@", screen.text())
            # It is as it was: who comes next signs in.
            session = pathlib.Path("/tmp/session")
            screen.answer(self.person.password, lambda: session.exists() and session.read_text())
        self.assertEqual(session.read_text().strip(), self.person.name)
        self.assert_nothing_changed()

    def test_the_budget_of_the_device_is_everybodys_and_only_resets_count(self):
        self.configure("starts_per_hour = 2")
        for _ in range(2):
            terminal = self.login()
            journey.to_password_prompt(terminal, self.person.name)
            terminal.type("", hidden=True)
            terminal.expect(CONFIRM)
            terminal.hang_up()
            terminal.wait_for_end()
        other = self.new_person()
        terminal = self.login()
        journey.to_password_prompt(terminal, other.name)
        terminal.type("", hidden=True)
        terminal.expect("too many attempts")
        terminal.expect(words.PLAIN_PASSWORD)
        self.assertEqual(self.starts(), 2)
        # Who knows the password is none of it.
        self.assert_signs_in(other.password, other)

    def test_a_read_only_root_says_so_before_any_proof(self):
        self.configure()
        subprocess.run(["mount", "-o", "remount,bind,ro", "/etc"], check=True)
        self.addCleanup(subprocess.run, ["mount", "-o", "remount,bind,rw", "/etc"], check=True)
        terminal = self.login()
        journey.to_password_prompt(terminal, self.person.name)
        terminal.type("", hidden=True)
        terminal.expect(CONFIRM)
        terminal.type("")
        terminal.expect("This computer keeps no changes")
        terminal.expect(words.PLAIN_PASSWORD)
        self.assertEqual(self.starts(), 1)
        self.assertEqual(self.person.mailbox.codes(), [])
        self.assert_password(self.person.password)


if __name__ == "__main__":
    main()
