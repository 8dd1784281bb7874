"""The methods of the API, one module per resource: arguments become commands, errors become faults."""
