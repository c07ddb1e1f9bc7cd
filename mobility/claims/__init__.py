"""Claims: the closing report and the evidence after delivery, and their validation."""
