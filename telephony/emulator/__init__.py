"""A Twilio-compatible telephone company for one machine: REST API, TwiML, webhooks and web phones in one process."""
