"""What institutions ask to have corrected, tried on their facts and decided by officers."""
