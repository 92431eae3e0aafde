// One root field, one call. What is below comes as it is.
import { readFileSync } from "node:fs";
import { GraphQLScalarType } from "graphql";
import { areaSummary, declarations, declare, worklist } from "./work.js";

export const typeDefs = readFileSync(new URL("schema.graphql", import.meta.url), "utf8");

export const resolvers = {
  DateTime: new GraphQLScalarType({ name: "DateTime", serialize: (value) => value.toISOString() }),
  Query: {
    declarations: (_, { first }) => declarations(first ?? 50),
    worklist: (_, { first }) => worklist(first ?? 50),
    areaSummary: () => areaSummary(),
  },
  Mutation: {
    declare: async (_, { input }, { pubsub }) => {
      const { receipt, event } = await declare(input);
      if (event && pubsub) {
        const payload = { alerts: event };
        pubsub.publish({ topic: "alerts", payload });
        pubsub.publish({ topic: `alerts ${input.address.areaCode}`, payload });
      }
      return receipt;
    },
  },
};

export const port = Number(process.env.PEER_PORT);
