"""What every object with a workflow has: the table, the parts people play, promises, history, acts and drafts."""
