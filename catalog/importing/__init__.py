"""Reading a published or exported list of entries: the file, the mapping, and one row made into an entry."""
