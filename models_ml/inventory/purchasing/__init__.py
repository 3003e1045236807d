"""Purchase planning: orders by supplier decided together, transfers and markdowns."""
