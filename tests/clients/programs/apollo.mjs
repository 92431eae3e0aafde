// Apollo Client: queries and mutations over HTTP, subscriptions over graphql-ws.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { createClient } from 'graphql-ws'
import { ALERTS, DECLARE, QUERY, aMoment, authorization, ended, heard, say, told } from './said.mjs'
import { resuming } from './resuming.mjs'

const socket = createClient({
  url: told.url.replace('http', 'ws'),
  connectionParams: { authorization },
  retryAttempts: 50,
  retryWait: aMoment,
  // Without it a cut that the socket calls an error, and not a close, is final.
  shouldRetry: () => true,
  on: { closed: ({ code }) => say('closed', code) },
})
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.split(
    ({ operationType }) => operationType === 'subscription',
    new GraphQLWsLink(resuming(socket)),
    new HttpLink({ uri: told.url, headers: { authorization } }),
  ),
})

say('query', (await client.query({ query: gql(QUERY) })).data)
say('mutation', (await client.mutate({ mutation: gql(DECLARE), variables: { input: told.input } })).data)
client.subscribe({ query: gql(ALERTS), variables: { after: told.after }, fetchPolicy: 'no-cache' }).subscribe({
  next: ({ data, error }) => (error ? say('error', String(error)) : heard(data.alerts)),
  error: (error) => say('error', String(error)),
  complete: () => say('complete'),
})
await ended
client.stop()
await socket.dispose()
