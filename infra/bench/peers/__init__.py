"""What others would write for the same click, to compare with: verify the signature, call claim_drop, tell the amount.

They check less than the bundle does, and tell less.
"""
