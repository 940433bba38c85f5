using RestKv.Checkers.History;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Checkers.Witness;

/// <summary>Keep-alives, of which many share one entry: where each could have been answered as it was.</summary>
public sealed partial class WitnessChecker
{
    private void TryRenewals(int position, Command command, OperationResult result)
    {
        switch (command)
        {
            case Command.LeaseRenew renew:
                TryRenewals(position, renew.Ids, renew.Ids, null, result);
                break;
            case Command.LeaseRenewFor renewFor:
                var seconds = ((OperationResult.LeaseRenewed)result).TtlSeconds;
                var offset = 0;
                foreach (var part in renewFor.Parts)
                {
                    IReadOnlyList<long> own = [.. seconds.Skip(offset).Take(part.Ids.Length)];
                    OperationResult answer = own is [< 0, ..]
                        ? new OperationResult.Rejected(result.Revision, new Rejection((RejectionCode)(byte)-own[0]))
                        : new OperationResult.LeaseRenewed(result.Revision, own);
                    TryRenewals(position, part.Ids, part.Ids, part.Author, answer);
                    offset += part.Ids.Length;
                }

                break;
        }
    }

    /// <param name="author">Null for anybody.</param>
    private void TryRenewals(
        int position, IReadOnlyList<LeaseId> leases, IEnumerable<LeaseId> asked, string? author, OperationResult result)
    {
        Dictionary<long, long> ttls = [];
        for (var i = 0; i < leases.Count && result is OperationResult.LeaseRenewed renewed; i++)
        {
            ttls[leases[i].Value] = renewed.TtlSeconds[i];
        }

        foreach (var operation in asked.Distinct().SelectMany(id => _renewals.GetValueOrDefault(id.Value, [])).Distinct())
        {
            var submit = (HistoryRequest.Submit)operation.Request;
            if ((author is null || author == submit.Author)
                && operation.Reply is HistoryReply.Result { Value: var got }
                && got.Revision == _model.Revision
                && IsAnsweredAs(((Command.LeaseRenew)submit.Command).Ids, leases, ttls, result, got))
            {
                Add(_fits, operation.Id, position);
            }
        }
    }

    private static bool IsAnsweredAs(
        IReadOnlyList<LeaseId> asked, IReadOnlyList<LeaseId> leases, Dictionary<long, long> ttls, OperationResult result, OperationResult got) =>
        (result, got) switch
        {
            (OperationResult.Rejected want, OperationResult.Rejected refused) =>
                want.Rejection.Code == refused.Rejection.Code && asked.All(leases.Contains),
            (OperationResult.LeaseRenewed, OperationResult.LeaseRenewed renewed) =>
                renewed.TtlSeconds.Count == asked.Count
                && asked.Select((id, i) => ttls.TryGetValue(id.Value, out var ttl) && ttl == renewed.TtlSeconds[i]).All(same => same),
            _ => false,
        };
}
