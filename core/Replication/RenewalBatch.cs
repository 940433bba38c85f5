using System.Collections.Immutable;
using RestKv.Core.Auth;
using RestKv.Core.Commands;

namespace RestKv.Core.Replication;

/// <summary>Keep-alives that share one log entry.</summary>
internal sealed class RenewalBatch
{
    private readonly List<(object Token, RenewalPart Part)> _parts = [];

    /// <summary>All of them as one command; the authors are in it only when there are any.</summary>
    public Command Command =>
        _parts.TrueForAll(part => part.Part is { Author.Length: 0, Credential.Kind: CredentialKind.None })
            ? new Command.LeaseRenew([.. _parts.SelectMany(part => part.Part.Ids)])
            : new Command.LeaseRenewFor([.. _parts.Select(part => part.Part)]);

    public void Add(object token, RenewalPart part) => _parts.Add((token, part));

    public void Complete(IReplicaEffects effects, OperationResult result)
    {
        var offset = 0;
        foreach (var (token, part) in _parts)
        {
            var own = result;
            if (result is OperationResult.LeaseRenewed renewed)
            {
                var seconds = renewed.TtlSeconds.Skip(offset).Take(part.Ids.Length).ToImmutableArray();
                own = seconds is [< 0, ..]
                    ? new OperationResult.Rejected(renewed.Revision, new Rejection((RejectionCode)(byte)-seconds[0]))
                    : renewed with { TtlSeconds = seconds };
            }

            offset += part.Ids.Length;
            effects.Complete(new Completion(token, own, false, false));
        }
    }
}
