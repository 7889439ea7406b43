"""What several test files share: machines, terminals, waiting, servers. A test file imports no other test file."""
