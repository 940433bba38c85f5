using System.Text;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Core.Model;

namespace RestKv.Api.Endpoints;

/// <summary>Keys, ranges and values of JSON bodies as bytes. All faults name the member they are about.</summary>
internal static class TxnKeys
{
    public static Problem? ReadKey(string? text, string? base64, out byte[] key)
    {
        var problem = ReadBytes(text, base64, "key", out var bytes);
        key = bytes ?? [];
        if (problem is not null)
        {
            return problem;
        }

        return bytes is null
            ? new Problem(ProblemCatalog.InvalidFieldCombination, "key or keyBase64 is due") { At = "/key" }
            : CheckKey(bytes, At("key", base64));
    }

    public static Problem? ReadRange(IKeyRangeContract contract, out KeyRange range)
    {
        range = default;
        var badKey = ReadBytes(contract.Key, contract.KeyBase64, "key", out var key);
        var badPrefix = ReadBytes(contract.Prefix, contract.PrefixBase64, "prefix", out var prefix);
        var badStart = ReadBytes(contract.Start, contract.StartBase64, "start", out var start);
        var badEnd = ReadBytes(contract.End, contract.EndBase64, "end", out var end);
        if ((badKey ?? badPrefix ?? badStart ?? badEnd) is { } problem)
        {
            return problem;
        }

        var ways = (key is null ? 0 : 1) + (prefix is null ? 0 : 1) + (start is null && end is null ? 0 : 1);
        if (ways != 1)
        {
            return ways == 0
                ? new Problem(
                    ProblemCatalog.InvalidFieldCombination, "there is no key, no prefix, and no start and end: one of them is due")
                {
                    At = "/key",
                }
                : new Problem(ProblemCatalog.InvalidRange, "key, prefix, and start and end exclude each other");
        }

        if (key is not null)
        {
            range = KeyRange.Single(key);
            return CheckKey(key, At("key", contract.KeyBase64));
        }

        range = prefix is not null ? KeyRange.Prefix(prefix)
            : end is null ? KeyRange.From(start)
            : KeyRange.Between(start ?? [], end);
        return CheckLength(prefix, At("prefix", contract.PrefixBase64))
            ?? CheckLength(start, At("start", contract.StartBase64))
            ?? CheckLength(end, At("end", contract.EndBase64))
            ?? CheckOrder(start, end, At("end", contract.EndBase64));
    }

    /// <summary>Exactly one of the three forms.</summary>
    public static Problem? ReadValue(TxnPut put, long bytesMax, out byte[] value)
    {
        value = [];
        if ((put.Value is null ? 0 : 1) + (put.Base64 is null ? 0 : 1) + (put.Json is null ? 0 : 1) != 1)
        {
            return new Problem(ProblemCatalog.InvalidFieldCombination, "exactly one of value, base64 and json is due")
            {
                At = put.Value is null && put.Base64 is not null ? "/base64" : "/value",
            };
        }

        if (put.Base64 is not null && !StrictBase64.TryDecodeStandard(put.Base64, out value))
        {
            return new Problem(ProblemCatalog.InvalidBase64, "standard base64 with padding is due") { At = "/base64" };
        }

        value = put.Value is not null ? Encoding.UTF8.GetBytes(put.Value)
            : put.Json is { } json ? CompactJson.Of(json)
            : value;
        return value.Length <= bytesMax
            ? null
            : new Problem(ProblemCatalog.ValueTooLarge, $"the limit is {bytesMax} bytes (--max-value-bytes)")
            {
                At = put.Value is not null ? "/value" : put.Base64 is not null ? "/base64" : "/json",
            };
    }

    private static Problem? CheckOrder(byte[]? start, byte[]? end, string at) =>
        end is not null && end.AsSpan().SequenceCompareTo(start) < 0
            ? new Problem(ProblemCatalog.InvalidRange, "end is before start") { At = at }
            : null;

    /// <summary>Where the bytes were given.</summary>
    private static string At(string name, string? base64) => base64 is null ? "/" + name : $"/{name}Base64";

    private static Problem? CheckKey(byte[] key, string at) => key.Length == 0
        ? new Problem(ProblemCatalog.KeyEmpty, "a key has at least one byte") { At = at }
        : CheckLength(key, at);

    private static Problem? CheckLength(byte[]? key, string at) => key?.Length > HttpLimits.KeyBytesMax
        ? new Problem(ProblemCatalog.KeyTooLong, $"the key has {key.Length} bytes") { At = at }
        : null;

    private static Problem? ReadBytes(string? text, string? base64, string name, out byte[]? bytes)
    {
        bytes = null;
        if (text is not null && base64 is not null)
        {
            return new Problem(ProblemCatalog.InvalidFieldCombination, $"{name} and {name}Base64 exclude each other")
            {
                At = $"/{name}Base64",
            };
        }

        if (text is not null)
        {
            bytes = Encoding.UTF8.GetBytes(text);
            return null;
        }

        if (base64 is null)
        {
            return null;
        }

        var isValid = StrictBase64.TryDecodeStandard(base64, out var decoded);
        bytes = decoded;
        return isValid
            ? null
            : new Problem(ProblemCatalog.InvalidBase64, "standard base64 with padding is due") { At = $"/{name}Base64" };
    }
}
