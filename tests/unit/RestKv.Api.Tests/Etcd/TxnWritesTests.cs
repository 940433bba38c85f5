using System.Text;
using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Json;
using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Tests.Etcd;

/// <summary>Which transactions would write a key twice. `P` puts, `D` deletes a key, `R` a range, `[then|else]` nests.</summary>
public sealed class TxnWritesTests
{
    [Theory]
    [InlineData("Pa Pb", true)]
    [InlineData("Pa Pa", false)]
    [InlineData("Pa Da", false)]
    [InlineData("Da Pa", false)]
    [InlineData("Da Da", true)]
    [InlineData("Ra-c Pb", false)]
    [InlineData("Ra-c Pc", true)]
    [InlineData("Pb Ra-c", false)]
    [InlineData("Rc-a Pb", true)]
    [InlineData("Rb- Pa", true)]
    [InlineData("Rb- Pz", false)]
    [InlineData("[Pa|Pa]", true)]
    [InlineData("[Pa|Da]", true)]
    [InlineData("Pa [Pa|]", false)]
    [InlineData("Pa [|Pa]", false)]
    [InlineData("[|Pa] Pa", false)]
    [InlineData("[Da|] Pa", false)]
    [InlineData("Pa [Da|]", false)]
    [InlineData("[Pa|] [Pb|]", true)]
    [InlineData("[Pa|] [|Pa]", false)]
    [InlineData("[Pa|] [Da|]", true)]
    [InlineData("[Da|] [Pa|]", false)]
    [InlineData("[Da|] [|Pa]", false)]
    [InlineData("[[Pa|]|[Pa|]]", true)]
    [InlineData("[[Pa|]|] Pa", false)]
    [InlineData("[Pa Da|]", false)]
    public void Puts_meet_puts_and_deletes(string branch, bool isTaken)
    {
        var position = 0;
        var operations = Parse(branch, ref position);

        var fault = Record.Exception(() => TxnWrites.Check(operations));

        Assert.Equal(isTaken, fault is null);
        Assert.Equal(isTaken ? null : "etcdserver: duplicate key given in txn request", (fault as EtcdFault)?.Text);
    }

    [Fact]
    public void Very_many_operations_take_no_squared_time()
    {
        var request = new TxnRequest();
        for (var i = 0; i < 100_000; i++)
        {
            var key = Google.Protobuf.ByteString.CopyFromUtf8($"{i:x8}");
            request.Success.Add(new RequestOp { RequestPut = new PutRequest { Key = key } });
            request.Success.Add(new RequestOp
            {
                RequestDeleteRange = new DeleteRangeRequest { Key = Google.Protobuf.ByteString.CopyFromUtf8($"{i:x8}/") },
            });
        }

        TxnWrites.Check(request.Success);
    }

    private static List<RequestOp> Parse(string text, ref int position)
    {
        var operations = new List<RequestOp>();
        while (position < text.Length && text[position] is not ('|' or ']'))
        {
            var one = text[position++];
            if (one == '[')
            {
                var txn = new TxnRequest();
                txn.Success.AddRange(Parse(text, ref position));
                position++;
                txn.Failure.AddRange(Parse(text, ref position));
                position++;
                operations.Add(new RequestOp { RequestTxn = txn });
            }
            else if (one is 'P' or 'D' or 'R')
            {
                var end = text.IndexOfAny([' ', '|', ']'], position);
                end = end < 0 ? text.Length : end;
                operations.Add(Operation(one, text[position..end]));
                position = end;
            }
        }

        return operations;
    }

    private static RequestOp Operation(char kind, string text)
    {
        var parts = text.Split('-');
        var json = kind switch
        {
            'P' => $$$$"""{"request_put":{"key":"{{{{Base64(text)}}}}"}}""",
            'D' => $$$$"""{"request_delete_range":{"key":"{{{{Base64(text)}}}}"}}""",
            _ => $$$$"""{"request_delete_range":{"key":"{{{{Base64(parts[0])}}}}","range_end":"{{{{Base64(parts[1].Length == 0 ? "\0" : parts[1])}}}}"}}""",
        };
        return (RequestOp)MessageJson.Read(MessageCodecs.Of<RequestOp>(), Encoding.UTF8.GetBytes(json));
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
