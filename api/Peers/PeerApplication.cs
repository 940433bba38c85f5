using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace RestKv.Api.Peers;

/// <summary>What runs behind the peer port: a few paths, no routing, nothing of what clients are served.</summary>
internal sealed class PeerApplication(PeerSessions sessions, PeerSnapshotInbox? snapshots, PeerQueries? queries, CancellationToken stop)
    : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            await DispatchAsync(context);
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            // The caller went away before it was let in, or this member stops: nobody is there to be told.
            context.Abort();
        }
    }

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // The context holds nothing that outlives its features.
    }

    private async Task DispatchAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method) && context.Request.Path == PeerPaths.Stream)
        {
            await sessions.ServeAsync(context, stop);
            return;
        }

        if (HttpMethods.IsPost(context.Request.Method) && context.Request.Path == PeerPaths.Snapshot && snapshots is not null)
        {
            await snapshots.ServeAsync(context, stop);
            return;
        }

        if (queries is not null && await queries.TryServeAsync(context, stop))
        {
            return;
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync("this port serves the other members; clients have another one\n", stop);
    }
}
