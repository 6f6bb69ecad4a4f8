"""The office on a simulated clock: what is planned, done through the services, and audited."""
