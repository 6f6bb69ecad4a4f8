"""The only place with Flask: regulator, institution, public, api."""
