"""What people see: the command line, the page, the figures. The only floor with habitual units."""
