// A client of graphql-ws or graphql-sse whose subscriptions to alerts go on after the last cursor that was seen: the
// libraries send the same request again after each cut, so the request is kept up to date.

export const resuming = (client) => ({
  ...client,
  subscribe(request, sink) {
    const sent = { ...request, variables: { ...request.variables } }
    return client.subscribe(sent, {
      ...sink,
      next(result) {
        const cursor = result.data?.alerts?.cursor
        if (cursor) sent.variables.after = cursor
        sink.next(result)
      },
    })
  },
})
