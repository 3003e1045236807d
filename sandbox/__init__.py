"""The world outside: merchants to practise on. Nothing here knows the platform."""
