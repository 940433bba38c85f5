using System.Collections.Immutable;
using System.Globalization;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Endpoints;

/// <summary>
/// Turns a transaction as JSON into one as the state machine runs it, and refuses what it would not run: sizes, depths and
/// keys written twice. Recursion is bounded by the depth limit. Rules: etcd contract, section 2.6.
/// </summary>
internal sealed partial class TxnMapper(HttpLimits limits)
{
    private static readonly string[] Sorts = ["key", "modRev", "createRev", "version"];

    public Problem? Map(TxnRequest request, out Operation.Txn txn)
    {
        txn = null!;
        if (SizeOf(request) > HttpLimits.TxnOperationsMax)
        {
            return new Problem(
                ProblemCatalog.TxnTooLarge,
                $"at most {HttpLimits.TxnOperationsMax} conditions and as many operations in each branch; a nested transaction "
                    + "counts as one operation, and so do each of its conditions and the operations of both its branches");
        }

        return MapTxn(request, depth: 1, out txn) ?? TxnDuplicates.Find(txn);
    }

    /// <summary>What may have to be done: nested transactions count with all they hold, or nesting would have no end.</summary>
    private static int SizeOf(TxnRequest request) =>
        Math.Max(request.If?.Count ?? 0, Math.Max(OperationsOf(request.Then), OperationsOf(request.Else)));

    private static int OperationsOf(IReadOnlyList<TxnOperation>? branch)
    {
        var count = branch?.Count ?? 0;
        foreach (var operation in branch ?? [])
        {
            if (operation.Txn is { } inner)
            {
                count += (inner.If?.Count ?? 0) + OperationsOf(inner.Then) + OperationsOf(inner.Else);
            }
        }

        return count;
    }

    private Problem? MapTxn(TxnRequest request, int depth, out Operation.Txn txn)
    {
        txn = null!;
        if (depth > HttpLimits.TxnDepthMax)
        {
            return new Problem(ProblemCatalog.TxnTooDeep, $"at most {HttpLimits.TxnDepthMax} levels, the outermost included");
        }

        var conditions = request.If ?? [];
        var compares = ImmutableArray.CreateBuilder<Compare>(conditions.Count);
        for (var i = 0; i < conditions.Count; i++)
        {
            if (MapCompare(conditions[i], out var compare) is { } fault)
            {
                return fault.Under(At("/if", i));
            }

            compares.Add(compare);
        }

        var problem = MapBranch(request.Then ?? [], "/then", depth, out var then);
        if (problem is not null)
        {
            return problem;
        }

        problem = MapBranch(request.Else ?? [], "/else", depth, out var otherwise);
        txn = new Operation.Txn(compares.MoveToImmutable(), then, otherwise);
        return problem;
    }

    private Problem? MapBranch(
        IReadOnlyList<TxnOperation> contracts, string at, int depth, out ImmutableArray<Operation> operations)
    {
        var mapped = ImmutableArray.CreateBuilder<Operation>(contracts.Count);
        operations = [];
        for (var i = 0; i < contracts.Count; i++)
        {
            if (MapOperation(contracts[i], depth, out var operation) is { } fault)
            {
                return fault.Under(At(at, i));
            }

            mapped.Add(operation);
        }

        operations = mapped.MoveToImmutable();
        return null;
    }

    private Problem? MapOperation(TxnOperation contract, int depth, out Operation operation)
    {
        operation = null!;
        var given = (contract.Put is null ? 0 : 1) + (contract.Delete is null ? 0 : 1) + (contract.Get is null ? 0 : 1)
            + (contract.Txn is null ? 0 : 1);
        if (given != 1)
        {
            return new Problem(ProblemCatalog.InvalidFieldCombination, "exactly one of put, delete, get and txn is due");
        }

        if (contract.Put is not null)
        {
            var fault = MapPut(contract.Put, out var put);
            operation = put;
            return fault?.Under("/put");
        }

        if (contract.Delete is not null)
        {
            return MapDelete(contract.Delete, out operation)?.Under("/delete");
        }

        if (contract.Get is not null)
        {
            return MapGet(contract.Get, out operation)?.Under("/get");
        }

        var problem = MapTxn(contract.Txn!, depth + 1, out var inner);
        operation = inner;
        return problem?.Under("/txn");
    }

    private Problem? MapPut(TxnPut contract, out Operation.Put put)
    {
        put = null!;
        if (TxnKeys.ReadKey(contract.Key, contract.KeyBase64, out var key) is { } badKey)
        {
            return badKey;
        }

        if (TxnKeys.ReadValue(contract, limits.ValueBytesMax, out var value) is { } badValue)
        {
            return badValue;
        }

        put = new Operation.Put(key, value)
        {
            ReturnPrevious = contract.Prev ?? false,
            KeepLease = contract.KeepLease ?? false,
            LenientKeep = contract.KeepLease ?? false,
        };
        if ((contract.Ttl is null ? 0 : 1) + (contract.Lease is null ? 0 : 1) + (put.KeepLease ? 1 : 0) > 1)
        {
            return new Problem(ProblemCatalog.InvalidFieldCombination, "ttl, lease and keepLease exclude each other")
            {
                At = "/lease",
            };
        }

        if (contract.Lease is not null)
        {
            if (!LeaseText.TryParse(contract.Lease, out var lease))
            {
                return ResultMapping.NoLeaseId() with { At = "/lease" };
            }

            put = put with { Lease = lease };
        }

        if (contract.Ttl is { } ttl)
        {
            var fault = JsonDuration.ReadTtl(ttl, "/ttl", out var seconds);
            put = put with { OwnTtlSeconds = seconds };
            return fault;
        }

        return null;
    }

    private static Problem? MapDelete(TxnDelete contract, out Operation operation)
    {
        operation = null!;
        if (TxnKeys.ReadRange(contract, out var range) is { } badRange)
        {
            return badRange;
        }

        operation = new Operation.Delete(range, contract.Prev ?? false);
        var hasPrefix = contract.Prefix is { Length: > 0 } || contract.PrefixBase64 is { Length: > 0 };
        return contract.All != true && RangeQuery.IsOpen(range, hasPrefix)
            ? new Problem(
                ProblemCatalog.ConfirmAll,
                "the range has an open end; name start and end, or say \"all\": true if that is what you mean")
            : null;
    }

    private static Problem? MapGet(TxnGet contract, out Operation operation)
    {
        operation = null!;
        if (TxnKeys.ReadRange(contract, out var range) is { } badRange)
        {
            return badRange;
        }

        if (contract.Limit is < 1 or > HttpLimits.PageItemsMax)
        {
            return new Problem(ProblemCatalog.InvalidLimit, $"1 to {HttpLimits.PageItemsMax}") { At = "/limit" };
        }

        var badRevision = contract.Rev is < 1 ? "/rev" : contract.MinModRev is < 0 ? "/minModRev"
            : contract.MaxModRev is < 0 ? "/maxModRev" : null;
        if (badRevision is not null)
        {
            return new Problem(ProblemCatalog.BadRevision, "a revision is a positive number") { At = badRevision };
        }

        if (contract is { MinModRev: { } least, MaxModRev: > 0 and var most } && least > most)
        {
            return new Problem(ProblemCatalog.InvalidRange, "minModRev is above maxModRev") { At = "/minModRev" };
        }

        var problem = ReadChoice(contract.Order, ["asc", "desc"], "/order", out var order)
            ?? ReadChoice(contract.Sort, Sorts, "/sort", out _)
            ?? ReadChoice(contract.Values, Parameters.Values.Choices, "/values", out _);
        var target = ListRequest.SortOf(Math.Max(0, Array.IndexOf(Sorts, contract.Sort)));
        operation = new Operation.Get(new RangeRequest(range)
        {
            Revision = contract.Rev ?? 0,
            Limit = contract.Limit ?? HttpLimits.PageItemsDefault,
            SortTarget = target,
            SortOrder = order == 1 ? SortOrder.Descending : target == SortTarget.Key ? SortOrder.None : SortOrder.Ascending,
            MinModRevision = contract.MinModRev ?? 0,
            MaxModRevision = contract.MaxModRev ?? 0,
            KeysOnly = contract.Values == "none",
            CountOnly = contract.CountOnly ?? false,
            WantCount = contract.CountOnly ?? false,
            BytesMax = HttpLimits.PageBytesMax,
        });
        return problem;
    }

    private static Problem? ReadChoice(string? text, IReadOnlyList<string> choices, string at, out int index)
    {
        index = 0;
        if (text is null)
        {
            return null;
        }

        for (var i = 0; i < choices.Count; i++)
        {
            if (choices[i] == text)
            {
                index = i;
                return null;
            }
        }

        return new Problem(ProblemCatalog.Validation, $"one of {string.Join(", ", choices)} is due") { At = at };
    }

    private static string At(string list, int index) => string.Create(CultureInfo.InvariantCulture, $"{list}/{index}");
}
