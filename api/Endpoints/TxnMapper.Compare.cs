using System.Globalization;
using System.Text;
using System.Text.Json;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Core.Commands;
using RestKv.Core.Model;

namespace RestKv.Api.Endpoints;

/// <summary>Conditions.</summary>
internal sealed partial class TxnMapper
{
    private static Problem? MapCompare(TxnCompare contract, out Compare compare)
    {
        compare = null!;
        if (TxnKeys.ReadRange(contract, out var range) is { } badRange)
        {
            return badRange;
        }

        var given = (contract.Exists is null ? 0 : 1) + Count(contract.Value) + Count(contract.Base64) + Count(contract.Version)
            + Count(contract.ModRev) + Count(contract.CreateRev) + Count(contract.Lease);
        if (given != 1)
        {
            return Invalid("", "exactly one of exists, value, base64, version, modRev, createRev and lease is due");
        }

        if (contract.Exists is { } exists)
        {
            // Of a range: "exists" means that there is any key, and an empty range counts as one missing key.
            compare = new Compare(
                range, CompareTarget.CreateRevision, exists ? CompareOperator.Greater : CompareOperator.Equal, 0, default);
            return null;
        }

        return contract switch
        {
            { Value: { } value } => MapBytes(range, value, "/value", isBase64: false, out compare),
            { Base64: { } base64 } => MapBytes(range, base64, "/base64", isBase64: true, out compare),
            { Version: { } version } => MapNumber(range, CompareTarget.Version, version, "/version", out compare),
            { ModRev: { } modRev } => MapNumber(range, CompareTarget.ModRevision, modRev, "/modRev", out compare),
            { CreateRev: { } createRev } => MapNumber(range, CompareTarget.CreateRevision, createRev, "/createRev", out compare),
            _ => MapLease(range, contract.Lease.GetValueOrDefault(), out compare),
        };
    }

    private static int Count(JsonElement? element) => element is null ? 0 : 1;

    private static Problem? MapBytes(in KeyRange range, JsonElement element, string at, bool isBase64, out Compare compare)
    {
        compare = null!;
        if (ReadOperator(ref element, ref at, out var comparison) is { } fault)
        {
            return fault;
        }

        if (element.ValueKind != JsonValueKind.String)
        {
            return Invalid(at, "a string is due");
        }

        var text = element.GetString()!;
        var bytes = isBase64 ? [] : Encoding.UTF8.GetBytes(text);
        if (isBase64 && !StrictBase64.TryDecodeStandard(text, out bytes))
        {
            return new Problem(ProblemCatalog.InvalidBase64, "standard base64 with padding is due") { At = at };
        }

        compare = new Compare(range, CompareTarget.Value, comparison, 0, bytes);
        return null;
    }

    private static Problem? MapNumber(
        in KeyRange range, CompareTarget target, JsonElement element, string at, out Compare compare)
    {
        compare = null!;
        if (ReadOperator(ref element, ref at, out var comparison) is { } fault)
        {
            return fault;
        }

        if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out var number)
            || number is < 0 or > QueryReader.IntegerMax)
        {
            return Invalid(at, "a whole number from 0 to 2^53-1 is due");
        }

        compare = new Compare(range, target, comparison, number, default);
        return null;
    }

    private static Problem? MapLease(in KeyRange range, JsonElement element, out Compare compare)
    {
        compare = null!;
        var at = "/lease";
        if (ReadOperator(ref element, ref at, out var comparison) is { } fault)
        {
            return fault;
        }

        if (element.ValueKind != JsonValueKind.String
            || !ulong.TryParse(element.GetString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id))
        {
            return Invalid(at, "a lease id in hexadecimal, as a string, is due");
        }

        compare = new Compare(range, CompareTarget.Lease, comparison, (long)id, default);
        return null;
    }

    /// <summary>Takes `{"gt": x}` apart; a plain value means "equal".</summary>
    private static Problem? ReadOperator(ref JsonElement element, ref string at, out CompareOperator comparison)
    {
        comparison = CompareOperator.Equal;
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var name = "";
        var operators = 0;
        foreach (var member in element.EnumerateObject())
        {
            operators++;
            name = member.Name;
        }

        CompareOperator? found = name switch
        {
            "eq" => CompareOperator.Equal,
            "ne" => CompareOperator.NotEqual,
            "gt" => CompareOperator.Greater,
            "lt" => CompareOperator.Less,
            _ => null,
        };
        if (operators != 1 || found is null)
        {
            return Invalid(at, "one operator is due: eq, ne, gt or lt");
        }

        comparison = found.Value;
        element = element.GetProperty(name);
        at = $"{at}/{name}";
        return null;
    }

    private static Problem Invalid(string at, string detail) => new(ProblemCatalog.InvalidCompare, detail) { At = at };
}
