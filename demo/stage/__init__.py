# SPDX-License-Identifier: Apache-2.0
"""What the demo and the end-to-end tests play on: a private machine,
its login prompts, its mailbox."""
