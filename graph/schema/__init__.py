"""What clients see: types, inputs, enums and problems, one noun a file. schema.graphql is printed from them."""
