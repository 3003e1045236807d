"""What brings a vendor's bytes into object storage: a package a source."""
