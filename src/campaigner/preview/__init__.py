"""What people see before it goes out."""
