using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Core.Commands;

namespace RestKv.Api.Endpoints;

/// <summary>Deletion of ranges.</summary>
internal sealed partial class KvEndpoints
{
    private static readonly QuerySpec DeleteRangeQuery = new(
        Parameters.Prefix, Parameters.Prefix64, Parameters.Start, Parameters.Start64, Parameters.End, Parameters.End64,
        Parameters.Key, Parameters.Key64, Parameters.All, Parameters.Previous, Parameters.Timeout,
        Parameters.JsonFormat, Parameters.Pretty);

    private async Task DeleteKeysAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, DeleteRangeQuery);
        var options = WriteOptions.Read(context, ref query);
        var range = RangeQuery.Read(ref query, out var isGiven, out var prefixLength);
        var all = query.Flag(Parameters.All);
        if (!all && (!isGiven || RangeQuery.IsOpen(range, prefixLength > 0)))
        {
            query.Fail(
                ProblemCatalog.ConfirmAll,
                "the range has an open end; name a key, a prefix, or start and end, or add all=true if that is what you mean",
                Parameters.All.Name);
        }

        var delete = new Operation.Delete(range, query.Flag(Parameters.Previous));
        if ((query.Problem ?? JsonOnly.Check(context.Request)) is { } fault)
        {
            await fault.WriteAsync(context);
            return;
        }

        var reply = await WriteGate.SubmitAsync(context, services, new Command.Write(delete), options);
        await (reply.Problem is null
            ? AnswerDeleteAsync(context, reply.Result!, options, isRange: true)
            : reply.Problem.WriteAsync(context));
    }
}
