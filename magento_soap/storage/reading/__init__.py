"""Reading documents for answers: lists with filters, and single documents with their parts."""
