"""What the subcommands of the command line do; imported only when called."""
