"""A fifth subject: after an exchange the guest sends its host a postcard. Nothing but this folder knows of it."""
