"""The REST subset at Twilio's paths, as the unmodified SDK speaks it."""
