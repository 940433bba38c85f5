using RestKv.Api.Errors;
using RestKv.Api.Security.Auth;
using RestKv.Api.Watch;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;

namespace RestKv.Api.Http;

/// <summary>Holds an answer back until there is something to say.</summary>
internal static class LongPoll
{
    /// <summary>
    /// Waits until the condition holds in this member's view, the wait is over or the member stops; gives the last view seen,
    /// or the problem that there is no room to wait. Throws only when the client is gone.
    /// </summary>
    public static async Task<ReadReply> UntilAsync(
        ApiServices services, HttpContext context, KeyRange range, ReadView view, TimeSpan wait, Func<ReadView, bool> isReached)
    {
        if (isReached(view))
        {
            return new ReadReply(view, null);
        }

        var started = services.Time.GetTimestamp();
        while (true)
        {
            var left = wait - services.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return new ReadReply(view, null);
            }

            var outcome = await services.Node.Watches.WaitForChangeAsync(
                range, view.Revision, view, left, context.RequestAborted);
            if (outcome == ChangeWaitOutcome.Overloaded)
            {
                return new ReadReply(null, new Problem(ProblemCatalog.Overloaded, "too many watches are open on this member"));
            }

            if (services.Node.HasDiverged)
            {
                return new ReadReply(null, ResultMapping.Diverged());
            }

            // Rights after the state, which they may be newer than and never older.
            view = services.Node.View;
            if (AccessGate.CheckRead(context, services, range) is { } refusal)
            {
                return new ReadReply(null, refusal);
            }

            if (outcome != ChangeWaitOutcome.Changed || isReached(view))
            {
                return new ReadReply(view, null);
            }
        }
    }
}
