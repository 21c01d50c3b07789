"""What the programme asks of a hospital and how far the hospital is: rules, referential, services, pages."""
